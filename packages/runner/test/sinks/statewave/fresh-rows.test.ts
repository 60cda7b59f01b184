import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { afterEach, describe, expect, test } from "vitest";
import { createDelivery } from "../../../src/delivery/delivery.ts";
import { freshRows } from "../../../src/sinks/statewave/fresh-rows.ts";
import { openSink } from "../../../src/sinks/open-sink.ts";
import { numberedEpisode } from "../../pull/pull-fixture.ts";

const sentAtMs = Date.parse("2026-03-01T12:00:00.500Z");
const request = { items: 2, sentAtMs, answeredAtMs: sentAtMs + 100, date: "Sun, 01 Mar 2026 12:00:00 GMT" };
const echo = (...times: readonly string[]) => JSON.stringify({ episodes: times.map((created_at) => ({ created_at })) });

describe("freshRows", () => {
  test("distinguishes rows stored by this request from rows stored before it", () => {
    expect(freshRows(echo("2026-03-01T12:00:00.550Z", "2026-03-01T11:59:58Z"), request)).toEqual([true, false]);
  });

  test("goes by the server's clock, not by ours", () => {
    const hourAhead = { ...request, date: "Sun, 01 Mar 2026 13:00:00 GMT" };
    expect(freshRows(echo("2026-03-01T13:00:00.200Z", "2026-03-01T12:00:00.550Z"), hourAhead)).toEqual([true, false]);
  });

  test("goes by our clock when the server does not show its own", () => {
    expect(freshRows(echo("2026-03-01T12:00:00.550Z", "2026-03-01T12:00:00.400Z"), { ...request, date: undefined })).toEqual([
      true,
      false,
    ]);
  });

  test.each(["", "not json", "null", "[]", '{"episodes":{}}', echo("2026-03-01T12:00:00Z")])("knows nothing from %j", (text) => {
    expect(freshRows(text, request)).toBeUndefined();
  });

  test("takes a row without a readable time for known", () => {
    expect(freshRows('{"episodes":[{},{"created_at":"soon"}]}', request)).toEqual([false, false]);
  });
});

describe("a delivery that requests fresh rows", () => {
  const closers: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  test("reports how many episodes were new to Statewave", async () => {
    const past = { nowMs: Date.now() - 60_000 };
    const fake = await startFakeStatewave({ now: () => past.nowMs });
    closers.push(() => fake.close());
    const sink = await openSink({
      statewave: { url: fake.url, tenantHeader: "X-Tenant-ID" },
      clock: systemClock,
      logger: silentLogger,
    });
    closers.push(async () => sink.close?.());
    const healed: number[] = [];
    const delivery = createDelivery({
      sink,
      bury: () => Promise.reject(new Error("nothing is to be buried")),
      clock: systemClock,
      random: Math.random,
      logger: silentLogger,
      maxInFlight: 1,
      lingerMs: 0,
      observer: { healed: ({ count }) => healed.push(count) },
    });
    const source = { kind: "demo", name: "repo" };
    const deliver = (numbers: readonly number[], wantsFresh: boolean) =>
      delivery.deliver({
        source,
        connectorVersion: "1.0.0",
        episodes: numbers.map(numberedEpisode),
        signal: new AbortController().signal,
        wantsFresh,
      });
    await deliver([1, 2], false);
    expect(healed).toEqual([]);
    past.nowMs = Date.now() + 1_000;
    await deliver([1, 2, 3], true);
    expect(healed).toEqual([1]);
    await delivery.close(AbortSignal.abort());
  });
});
