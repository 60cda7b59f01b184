import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { describe, expect, it } from "vitest";
import { FirstSyncs } from "../../src/pull/first-syncs.ts";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { NumberedSource, pullWorld } from "./pull-fixture.ts";

const hourMs = 60 * 60_000;
const source = { kind: "demo", name: "a" };

describe("a receiver's twin", () => {
  it("requests which episodes are new only once its first sync has come to the end, however many runs that takes", async () => {
    const numbers = new NumberedSource(7);
    const world = pullWorld({ sources: { a: numbers }, entry: { maxItems: 3 }, isTwin: true });
    await world.scheduler.start();
    await world.pass(4 * hourMs);
    expect(numbers.runs.slice(0, 3)).toEqual([undefined, "3", "6"]);
    expect(world.wantsFresh).toEqual(Array.from({ length: 7 }, () => false));

    numbers.count = 9;
    await world.pass(hourMs);
    expect(world.wantsFresh.slice(7)).toEqual([true, true]);
  });

  it("knows from the store that another process has not finished its first sync", async () => {
    const numbers = new NumberedSource(5);
    const options = { sources: { a: numbers }, entry: { maxItems: 3 }, isTwin: true } as const;
    const first = pullWorld(options);
    await first.scheduler.start();
    await first.pass(hourMs);
    expect(first.wantsFresh).toHaveLength(3);
    await first.scheduler.stop(AbortSignal.abort());

    const second = pullWorld({ ...options, clock: first.clock, store: first.store });
    await second.scheduler.start();
    await second.pass(2 * hourMs);
    expect(second.wantsFresh).toEqual([false, false]);
    expect(await second.store.records?.list("first-read")).toEqual([]);
  });

  it("that was read to its end by an older version counts from its next run on", async () => {
    const world = pullWorld({ sources: { a: new NumberedSource(5) }, isTwin: true });
    await world.store.set(source, "3");
    await world.scheduler.start();
    await world.pass(hourMs);
    expect(world.wantsFresh).toEqual([true, true]);
  });
});

describe("first syncs", () => {
  it("count nothing while the store does not answer, and begin all the same", async () => {
    const away = () => Promise.reject(new ConnectorsError({ code: "STORE_UNAVAILABLE", message: "away", retryable: true }));
    const records = { get: away, compareAndSet: away, list: away, scopes: away };
    const syncs = new FirstSyncs({ records, logger: silentLogger });
    expect(await syncs.begin({ source, cursor: "3" })).toBe(true);
    await syncs.finish(source);
  });

  it("are remembered by the process where the store keeps no records", async () => {
    const syncs = new FirstSyncs({ records: undefined, logger: silentLogger });
    expect(await syncs.begin({ source })).toBe(true);
    expect(await syncs.begin({ source, cursor: "3" })).toBe(true);
    await syncs.finish(source);
    expect(await syncs.begin({ source, cursor: "6" })).toBe(false);
  });

  it("begin anew when the cursor was deleted", async () => {
    const syncs = new FirstSyncs({ records: new InMemoryPullCursorStore().records, logger: silentLogger });
    await syncs.begin({ source });
    await syncs.finish(source);
    expect(await syncs.begin({ source, cursor: "6" })).toBe(false);
    expect(await syncs.begin({ source })).toBe(true);
    expect(await syncs.begin({ source, cursor: "3" })).toBe(true);
  });
});
