import { describe, expect, test } from "vitest";
import { storageLimits } from "../../src/host/index.ts";
import { isConnectorsError, Secret } from "../../src/index.ts";
import {
  RecordStorage,
  recordsInMemory,
  recordLimits,
  secretScopePrefix,
  storageInMemory,
  storageScope,
  type ValueSeal,
} from "../../src/store/index.ts";
import { HandClock } from "../hand-clock.ts";

const clock = new HandClock();

async function codeOf(act: () => Promise<unknown>): Promise<string | undefined> {
  return act().then(
    () => undefined,
    (error: unknown) => (isConnectorsError(error) ? error.code : String(error)),
  );
}

test("a value is stored once for each version that was read", async () => {
  const storage = storageInMemory(clock);
  expect(await storage.get("token")).toBeUndefined();
  expect(await storage.compareAndSet("token", "first", undefined)).toBe(true);
  expect(await storage.compareAndSet("token", "other", undefined)).toBe(false);
  const first = await storage.get("token");
  expect(first?.value.reveal()).toBe("first");
  expect(await storage.compareAndSet("token", new Secret("second"), first?.version)).toBe(true);
  expect(await storage.compareAndSet("token", "late", first?.version)).toBe(false);
  expect((await storage.get("token"))?.value.reveal()).toBe("second");
  expect(await storage.delete("token", first?.version ?? 0)).toBe(false);
  expect(await storage.delete("token", (await storage.get("token"))?.version ?? 0)).toBe(true);
  expect(await storage.get("token")).toBeUndefined();
});

test("a value prints as ***, wherever it stands", async () => {
  const storage = storageInMemory(clock);
  await storage.compareAndSet("token", "rotating-value-1", undefined);
  const stored = await storage.get("token");
  expect(`${String(stored?.value)} ${JSON.stringify(stored)}`).not.toContain("rotating-value-1");
});

test("entries have storages of their own, in scopes that no command shows", async () => {
  const records = recordsInMemory(clock);
  const of = (direction: "pull" | "push", name: string) =>
    new RecordStorage({ records: async () => records, scope: storageScope(direction, { kind: "desk", name }) });
  await of("pull", "a").compareAndSet("token", "of pull a", undefined);
  expect([await of("pull", "b").get("token"), await of("push", "a").get("token")]).toEqual([undefined, undefined]);
  const scopes = await records.scopes();
  expect(scopes.every((scope) => scope.startsWith(secretScopePrefix))).toBe(true);
  const long = { kind: "desk", name: "n".repeat(300) };
  expect(storageScope("pull", long).length).toBeLessThanOrEqual(recordLimits.scopeLength);
  expect(storageScope("pull", long)).not.toBe(storageScope("pull", { ...long, name: `${long.name}n` }));
});

test("a seal gets the place of each value, and what it makes is what is stored", async () => {
  const records = recordsInMemory(clock);
  const places: string[] = [];
  const seal: ValueSeal = {
    async seal(text, place) {
      places.push(place);
      return `sealed ${text}`;
    },
    async open(sealed, place) {
      places.push(place);
      return sealed.slice("sealed ".length);
    },
  };
  const storage = new RecordStorage({ records: async () => records, scope: "secret/pull/desk/a", seal });
  await storage.compareAndSet("token", "value", undefined);
  expect((await records.get("secret/pull/desk/a", "token"))?.value).toBe("sealed value");
  expect((await storage.get("token"))?.value.reveal()).toBe("value");
  expect(new Set(places)).toEqual(new Set(["secret/pull/desk/a token"]));
});

describe("the limits", () => {
  test("keys, values and versions of another form are refused before anything is opened", async () => {
    const storage = new RecordStorage({ records: () => Promise.reject(new Error("opened")), scope: "secret/x" });
    const { keyBytes, valueBytes } = storageLimits;
    for (const key of ["", "k".repeat(keyBytes + 1), "a\0b", "\ud800", 7 as never]) {
      expect(await codeOf(() => storage.get(key)), `the key ${JSON.stringify(key)}`).toBe("STORE_STORAGE_INVALID");
    }
    for (const value of [
      "v".repeat(valueBytes + 1),
      "ü".repeat(valueBytes / 2 + 1),
      "a\0b",
      "\ud800",
      undefined as never,
      {} as never,
    ]) {
      expect(await codeOf(() => storage.compareAndSet("k", value, undefined))).toBe("STORE_STORAGE_INVALID");
    }
    for (const version of [0, -1, 1.5, Number.NaN, "1" as never]) {
      expect(await codeOf(() => storage.compareAndSet("k", "v", version)), `${version}`).toBe("STORE_STORAGE_INVALID");
      expect(await codeOf(() => storage.delete("k", version))).toBe("STORE_STORAGE_INVALID");
    }
  });

  test("no error shows a value", async () => {
    const long = "confidential".repeat(storageLimits.valueBytes / 4);
    const error: unknown = await storageInMemory(clock)
      .compareAndSet("k", long, undefined)
      .catch((thrown: unknown) => thrown);
    expect(String(error)).not.toContain("confidential");
  });

  test("an entry stores a bounded number of values, and may still replace and delete them", async () => {
    const storage = storageInMemory(clock);
    for (let at = 0; at < storageLimits.keys; at += 1) await storage.compareAndSet(`k${at}`, "v", undefined);
    expect(await codeOf(() => storage.compareAndSet("one more", "v", undefined))).toBe("STORE_STORAGE_FULL");
    const { version } = (await storage.get("k0"))!;
    expect(await storage.compareAndSet("k0", "w", version)).toBe(true);
    expect(await storage.delete("k1", (await storage.get("k1"))!.version)).toBe(true);
    expect(await storage.compareAndSet("one more", "v", undefined)).toBe(true);
  });
});
