import { ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, test } from "vitest";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { NumberedSource, pullWorld } from "./pull-fixture.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const isDown = new ConnectorsError({ code: "TEST_DOWN", message: "down", retryable: true });
const numbers = (count: number) => Array.from({ length: count }, (_, index) => `number ${index}`);

/** A store that other processes have open, too. */
function sharedStore(clock: FakeClock): InMemoryPullCursorStore {
  const store = new InMemoryPullCursorStore({ clock });
  Object.assign(store, { livesIn: undefined });
  return store;
}

/** A process whose sink can be cut off, and put back. */
function cuttable(clock: FakeClock, store: InMemoryPullCursorStore) {
  let isCut = false;
  const source = new NumberedSource(7);
  const world = pullWorld({
    sources: { one: source },
    clock,
    store,
    isReachable: () => !isCut,
    ingest: async () => {
      if (isCut) throw isDown;
    },
  });
  return { ...world, source, setCut: (next: boolean) => void (isCut = next) };
}

describe("a run of a process that cannot reach the sink", () => {
  test("is run by another process on the same store from its checkpoint, and the cut-off one claims nothing more", async () => {
    const clock = new FakeClock();
    const store = sharedStore(clock);
    const cutOff = cuttable(clock, store);
    const other = cuttable(clock, store);
    cutOff.setCut(true);
    await cutOff.scheduler.start();
    await cutOff.pass(hourMs + minuteMs / 2);
    expect(cutOff.failures).toEqual(["one ingest"]);
    expect(isConnectorsError(cutOff.errors[0], "SINK_UNREACHABLE")).toBe(true);

    await other.scheduler.start();
    await other.pass(minuteMs);
    expect(other.received).toEqual(numbers(7));
    await other.pass(5 * hourMs);
    expect(cutOff.source.runs).toEqual([undefined]);
    expect(cutOff.received).toEqual([]);
    expect(other.source.runs.length).toBeGreaterThanOrEqual(5);
  });

  test("is run by itself once the sink can be reached again, when there is no other process", async () => {
    const clock = new FakeClock();
    const alone = cuttable(clock, sharedStore(clock));
    alone.setCut(true);
    await alone.scheduler.start();
    await alone.pass(3 * hourMs);
    expect(alone.source.runs).toEqual([undefined]);
    alone.setCut(false);
    await alone.pass(minuteMs);
    expect(alone.received).toEqual(numbers(7));
  });

  test("waits for it where no other process can have the store open", async () => {
    const clock = new FakeClock();
    const alone = cuttable(clock, new InMemoryPullCursorStore({ clock }));
    alone.setCut(true);
    await alone.scheduler.start();
    await alone.pass(3 * hourMs);
    expect(alone.failures).toEqual([]);
    alone.setCut(false);
    await alone.pass(minuteMs);
    // A batch that failed is sent again in parts.
    expect(new Set(alone.received)).toEqual(new Set(numbers(7)));
    expect(alone.failures).toEqual([]);
  });
});
