import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { InMemoryInbox } from "@statewave-connectors/inbox-memory";
import { StoreHealths } from "../../../src/health/stores/store-healths.ts";

const source = { kind: "github", name: "main" };

class CountingStore extends InMemoryPullCursorStore {
  acquired = 0;

  override acquire(...request: Parameters<InMemoryPullCursorStore["acquire"]>) {
    this.acquired += 1;
    return super.acquire(...request);
  }
}

function healthsOf() {
  const clock = new FakeClock();
  const store = new CountingStore({ clock });
  const inbox = new InMemoryInbox({ clock, logger: silentLogger });
  const injected = { cursorStore: false, inbox: false };
  const healths = new StoreHealths({ injected, store, inbox, owner: "me", clock, logger: silentLogger, clean: (text) => text });
  return { clock, store, inbox, healths };
}

test("a probe of the cursor store leaves nothing that a list shows", async () => {
  const { clock, store, healths } = healthsOf();
  await clock.advance(60_000);
  healths.refresh();
  await clock.advance(0);
  expect(store.acquired).toBe(1);
  expect(await store.list()).toEqual([]);
});

test("what goes through the watched stores is what the stores themselves answer, records included", async () => {
  const { healths, store } = healthsOf();
  const [result] = await healths.store.acquire([{ source, owner: "me", ttlMs: 1_000 }], { atMost: 1 });
  if (result?.granted !== true) throw new Error("not granted");
  expect(await healths.store.checkpoint(result.lease, "1")).toBe(true);
  expect(await healths.store.renew([result.lease], 1_000)).toEqual([true]);
  expect(await healths.store.release(result.lease, { type: "done" })).toBe(true);
  expect(await healths.store.get(source)).toBe("1");
  expect(await healths.store.list()).toEqual(await store.list());
  expect([healths.store.durability, healths.store.livesIn]).toEqual([store.durability, "process"]);
  const written = await healths.store.records?.compareAndSet({ scope: "test", key: "k", value: "v", expectedVersion: 0 });
  expect(written).toMatchObject({ stored: true });
  expect(await store.records?.get("test", "k")).toMatchObject({ value: "v" });
  expect(await healths.store.delete(source)).toBe(true);
  expect(await healths.inbox.stats()).toEqual({ depth: 0, bytes: 0, deadLetters: [] });
  expect(healths.all).toEqual([
    { store: "cursor_store", writable: true },
    { store: "inbox", writable: true },
  ]);
});

test("a store that never answers fails what a run needs of it after 10 s", async () => {
  const { clock, store, healths } = healthsOf();
  const never = () => new Promise<never>(() => undefined);
  Object.assign(store, { get: never, acquire: never, renew: never, release: never });
  const lease = { source, owner: "me", epoch: 1, resumed: false };
  const calls = [
    healths.store.get(source),
    healths.store.acquire([{ source, owner: "me", ttlMs: 1_000 }]),
    healths.store.renew([lease], 1_000),
    healths.store.release(lease, { type: "done" }),
  ];
  const ends = Promise.all(calls.map((call) => call.then(String, (error: unknown) => error)));
  let hasEnded = false;
  void ends.then(() => (hasEnded = true));
  await clock.advance(9_999);
  expect(hasEnded).toBe(false);
  await clock.advance(1);
  expect(await ends).toMatchObject(calls.map(() => ({ code: "STORE_UNAVAILABLE", retryable: true })));
  expect(clock.pending).toBe(0);
});
