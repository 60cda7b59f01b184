import { setImmediate as nextTurn } from "node:timers/promises";
import { ConnectorsError, describeError } from "@statewave-connectors/connector-sdk";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { WriteHealth } from "../../../src/health/stores/write-health.ts";
import { keepingLogger } from "../logging.ts";

const diskFull = new ConnectorsError({ code: "INBOX_UNAVAILABLE", message: "no space left", retryable: true });
const unreachable = new ConnectorsError({
  code: "INBOX_UNAVAILABLE",
  message: "nothing listens at redis://:hush@db",
  retryable: true,
});

async function outcome(failure: unknown): Promise<void> {
  if (failure !== undefined) throw failure;
}

/** A store whose reads and probes fail on demand. */
function watchedStore({ hasProbe = true } = {}) {
  const clock = new FakeClock();
  const { logger, lines } = keepingLogger();
  const store: { reading: unknown; writing: unknown; probes: number } = { reading: undefined, writing: undefined, probes: 0 };
  const health = new WriteHealth({
    store: "inbox",
    read: () => outcome(store.reading),
    probe: hasProbe
      ? async () => {
          store.probes += 1;
          await outcome(store.writing);
          return true;
        }
      : undefined,
    clock,
    logger,
    describe: (error) => describeError(error).replaceAll("hush", "***"),
  });
  const pass = async (durationMs: number) => {
    await clock.advance(durationMs);
    for (let turn = 0; turn < 10; turn += 1) await nextTurn();
  };
  return { clock, health, lines, store, pass };
}

test("one failed write that a probe does not confirm changes nothing", async () => {
  const { health, lines, pass } = watchedStore();
  health.failed(diskFull);
  await pass(0);
  expect([health.status, lines]).toEqual(["ok", []]);
});

test("a store that reads but does not write is unwritable, reported once and again each hour, until a probe gets through without traffic", async () => {
  const { health, lines, store, pass } = watchedStore();
  store.writing = diskFull;
  health.failed(diskFull);
  await pass(0);
  expect([health.status, health.reason]).toEqual(["unwritable", "INBOX_UNAVAILABLE: no space left"]);
  for (let minute = 0; minute < 61; minute += 1) await pass(60_000);
  expect(lines.map(({ level, message }) => [level, message])).toEqual([
    ["error", "a store cannot be written to"],
    ["error", "a store cannot be written to"],
  ]);
  expect(lines[1]?.fields).toMatchObject({ store: "inbox", failed_writes: 1 });
  store.writing = undefined;
  await pass(5_000);
  expect(health.status).toBe("ok");
  expect(lines.at(-1)).toMatchObject({ level: "info", message: "a store can be written to again" });
});

test("a store that does not even read is unreachable, without a configured secret in its reason", async () => {
  const { health, store, pass } = watchedStore();
  store.reading = unreachable;
  health.failed(unreachable);
  await pass(0);
  expect(health.status).toBe("unreachable");
  expect(health.reason).not.toContain("hush");
  store.reading = undefined;
  await pass(10_000);
  expect(health.status).toBe("ok");
});

test("three failed writes in a row need no confirmation, as a probe may be smaller than a webhook", async () => {
  const { health, pass } = watchedStore();
  for (let write = 0; write < 3; write += 1) {
    health.failed(diskFull);
    await pass(0);
  }
  expect(health.status).toBe("unwritable");
  await pass(4_000);
  health.failed(diskFull);
  await pass(4_000);
  expect(health.status).toBe("unwritable");
  await pass(10_000);
  expect(health.status).toBe("ok");
});

test("where it cannot be probed, the next write that gets through recovers it", async () => {
  const { health, pass } = watchedStore({ hasProbe: false });
  for (let write = 0; write < 3; write += 1) {
    health.failed(diskFull);
    await pass(0);
  }
  expect(health.status).toBe("unwritable");
  await pass(60_000);
  expect(health.status).toBe("unwritable");
  health.wrote();
  expect(health.status).toBe("ok");
});

test("a store without a write for 30 s is probed when readiness is requested, and no more often", async () => {
  const { health, store, pass } = watchedStore();
  health.refresh();
  await pass(0);
  expect(store.probes).toBe(0);
  store.writing = diskFull;
  await pass(30_000);
  for (let probe = 0; probe < 20; probe += 1) health.refresh();
  await pass(0);
  expect([store.probes, health.status]).toEqual([1, "unwritable"]);
});

test.each(["INBOX_FULL", "INBOX_CLOSED", "STORE_LEASE_LOST", "STORE_RECORD_TOO_LARGE", "INBOX_ITEM_INVALID"])(
  "%s does not count against the store",
  async (code) => {
    const { health, store, pass } = watchedStore();
    for (let call = 0; call < 5; call += 1) health.failed(new ConnectorsError({ code, message: "no", retryable: true }));
    await pass(0);
    expect([health.status, store.probes]).toEqual(["ok", 0]);
  },
);

test("a store that answers nothing at all is unreachable, and stopping ends the looking", async () => {
  const { health, clock, store, pass } = watchedStore();
  const never = new Promise<never>(() => undefined);
  const hanging = new WriteHealth({
    store: "cursor_store",
    read: () => never,
    probe: () => Promise.resolve(true),
    clock,
    logger: keepingLogger().logger,
    describe: describeError,
  });
  hanging.failed(unreachable);
  await pass(20_000);
  expect(hanging.status).toBe("unreachable");
  hanging.stop();
  store.writing = diskFull;
  health.stop();
  health.failed(diskFull);
  await pass(60_000);
  expect(store.probes).toBe(0);
});
