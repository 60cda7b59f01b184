import type { OutboundEpisode, SendResult } from "@statewave-connectors/connector-sdk/host";
import { describe, expect, it } from "vitest";
import { accepted, DeliveryBench } from "./delivery-bench.ts";
import { makeEpisode, makeEpisodes } from "./make-episode.ts";

const minuteMs = 60_000;
const down: SendResult = { type: "failed", reason: "network: ECONNREFUSED", suspect: false };
const broken: SendResult = { type: "failed", reason: "500 internal_error", suspect: true };

const gapsOf = (bench: DeliveryBench) =>
  bench.sink.batches.slice(1).map(({ atMs }, index) => atMs - bench.sink.batches[index]!.atMs);

describe("a sink that fails", () => {
  it.each([
    ["without an answer", down],
    ["with 500", broken],
  ])("%s for ten minutes costs no episode: all are delivered when it is back", async (_, failure) => {
    const bench = new DeliveryBench();
    const backAtMs = bench.clock.now() + 10 * minuteMs;
    bench.sink.answer = () => (bench.clock.now() < backAtMs ? failure : accepted);
    const requests = Array.from({ length: 20 }, (_item, index) =>
      bench.deliver(makeEpisodes(50, `s${index}-`), `source-${index}`),
    );
    await bench.until({ ms: 11 * minuteMs }, ...requests);
    for (const request of requests) expect(await request.result).toEqual({ delivered: 50, buried: 0 });
    expect(new Set(bench.sink.stored).size).toBe(1000);
    expect(bench.buried).toEqual([]);
  });

  it("is tried later and later, from a quarter of a second to fifteen, by one request at a time, for ever", async () => {
    const bench = new DeliveryBench({ maxInFlight: 4 });
    bench.sink.answer = () => down;
    bench.deliver(makeEpisodes(1000)).result.catch(() => undefined);
    await bench.clock.advance(59 * minuteMs);
    expect(bench.log.filter(({ level }) => level === "error")).toHaveLength(1);
    await bench.clock.advance(minuteMs);
    const gaps = gapsOf(bench).slice(3);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(250);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(15_000);
    expect(gaps.length).toBeGreaterThan(240);
    expect(gaps.length).toBeLessThan(520);
    expect(bench.log.filter(({ level }) => level !== "debug")).toHaveLength(2);
    await bench.delivery.close(AbortSignal.abort());
  });

  it("keeps its batches as they are while nothing points at them", async () => {
    const bench = new DeliveryBench();
    bench.sink.answer = (_, index) => (index < 30 ? down : accepted);
    await bench.until({ ms: 60 * minuteMs }, bench.deliver(makeEpisodes(300)));
    expect(new Set(bench.sink.batches.map(({ keys }) => keys.length))).toEqual(new Set([100]));
  });

  it.each([
    ["without an answer", down],
    ["with 500", broken],
  ])(
    "%s right after another batch was accepted is reported as an outage, and not as the fault of a batch",
    async (_, failure) => {
      const bench = new DeliveryBench();
      const second = Promise.withResolvers<SendResult>();
      bench.sink.answer = (_batch, index) => (index === 0 ? accepted : index === 1 ? second.promise : failure);
      const requests = [bench.deliver(makeEpisodes(100, "a"), "one"), bench.deliver(makeEpisodes(100, "b"), "two")];
      await bench.settle();
      expect(bench.sink.batches).toHaveLength(2);
      second.resolve({ ...failure, requestId: "r-2" });
      await bench.clock.advance(minuteMs);
      const lines = bench.log.filter(({ level }) => level !== "debug");
      expect(lines).toMatchObject([{ level: "error", message: "the sink fails; trying again until it works" }]);
      await bench.delivery.close(AbortSignal.abort());
      await Promise.allSettled(requests.map(({ result }) => result));
    },
  );

  it("waits as long as a 503 requests", async () => {
    const bench = new DeliveryBench();
    bench.sink.answer = (_, index) => (index === 0 ? { ...down, retryAfterMs: 42_000 } : accepted);
    await bench.until({ ms: minuteMs }, bench.deliver(makeEpisodes(1)));
    expect(gapsOf(bench)).toEqual([42_000]);
  });

  it.each([
    ["back", -60 * minuteMs],
    ["forward", 60 * minuteMs],
  ])("is tried on at the same pace when the clock is set %s an hour meanwhile", async (_, stepMs) => {
    const bench = new DeliveryBench();
    bench.sink.answer = () => down;
    const request = bench.deliver(makeEpisodes(3));
    await bench.clock.advance(5 * minuteMs);
    bench.clock.set(bench.clock.now() + stepMs);
    bench.sink.answer = () => accepted;
    await bench.until({ ms: 31_000 }, request);
    expect(await request.result).toEqual({ delivered: 3, buried: 0 });
  });

  it("shows as failing, with reason and time, until it is back; listeners and waiters are notified", async () => {
    const bench = new DeliveryBench();
    const startMs = bench.clock.now();
    const seen: string[] = [];
    const unsubscribe = bench.delivery.onStateChange(({ status, reason }) => seen.push(`${status} ${reason ?? ""}`.trim()));
    let working = false;
    bench.sink.answer = () => (working ? accepted : down);
    const request = bench.deliver(makeEpisodes(1));
    await bench.settle();
    expect(bench.delivery.state).toMatchObject({
      status: "failing",
      reason: "network: ECONNREFUSED",
      sinceMs: startMs,
      wantsMore: false,
    });
    let up = false;
    const waiting = bench.delivery.whenUp(new AbortController().signal).then(() => {
      up = true;
    });
    const controller = new AbortController();
    const given = bench.delivery.whenUp(controller.signal);
    controller.abort(new Error("stopping"));
    await expect(given).rejects.toThrow("stopping");
    await bench.clock.advance(1000);
    expect(up).toBe(false);
    working = true;
    await bench.until({ ms: minuteMs }, request);
    await waiting;
    expect(bench.delivery.state.status).toBe("up");
    expect(seen[0]).toBe("failing network: ECONNREFUSED");
    expect(seen.at(-1)).toBe("up");
    unsubscribe();
    await bench.delivery.whenUp(new AbortController().signal);
  });

  it("with nothing left to try it with wants more, instead of waiting for ever", async () => {
    const bench = new DeliveryBench();
    bench.sink.answer = (_, index) => (index === 0 ? down : accepted);
    const controller = new AbortController();
    const request = bench.deliver(makeEpisodes(1), "x", controller.signal);
    await bench.settle();
    expect(bench.delivery.state.wantsMore).toBe(false);
    controller.abort(new Error("gone"));
    await bench.settle();
    expect(bench.delivery.state).toMatchObject({ status: "failing", wantsMore: true });
    expect(request.settled).toBe(true);
    await bench.until({ ms: minuteMs }, bench.deliver(makeEpisodes(1)));
    expect(bench.delivery.state.status).toBe("up");
  });
});

describe("a poisoned item that gets 500", () => {
  const poison = (batch: readonly OutboundEpisode[]): SendResult =>
    batch.some(({ episode }) => episode.text.includes("POISON")) ? broken : accepted;

  /** Others keep coming, one every ten seconds; answers how many there were when `done`. */
  async function trickle(bench: DeliveryBench, done: () => boolean, withinMs: number): Promise<number> {
    const endMs = bench.clock.now() + withinMs;
    for (let count = 0; ; count += 1) {
      if (done()) return count;
      if (bench.clock.now() > endMs) throw new Error("not done in time");
      await bench.until({ ms: 20_000 }, bench.deliver([makeEpisode(`trickle${count}`)], "steady"));
      await bench.clock.advance(10_000);
    }
  }

  it("is buried after five tries alone over five minutes, and the 99 beside it are delivered long before", async () => {
    const bench = new DeliveryBench();
    bench.sink.answer = poison;
    const startMs = bench.clock.now();
    const page = makeEpisodes(100).map((episode, index) => (index === 37 ? makeEpisode("POISON") : episode));
    const request = bench.deliver(page);
    await trickle(bench, () => new Set(bench.sink.stored).has("key-0") && bench.sink.stored.includes("key-99"), 2 * minuteMs);
    await trickle(bench, () => request.settled, 10 * minuteMs);
    expect(await request.result).toEqual({ delivered: 99, buried: 1 });
    expect(bench.buried).toEqual([
      { source: "github/widgets", key: "key-POISON", reason: expect.stringContaining("500 internal_error") },
    ]);
    const alone = bench.sink.batches.filter(({ keys }) => keys.length === 1 && keys[0] === "key-POISON");
    expect(alone.length).toBeGreaterThanOrEqual(5);
    expect(bench.clock.now() - startMs).toBeGreaterThanOrEqual(5 * minuteMs);
    const narrowed = bench.log.filter(({ message }) => message.startsWith("a batch fails while others pass"));
    expect(narrowed.length).toBeGreaterThan(0);
    // Each of these lines is true: what failed leaves again in smaller batches, but for the first of them.
    const sizes = narrowed.map(({ fields }) => Number(fields["items"]));
    expect(sizes).toEqual(sizes.toSorted((left, right) => right - left));
    expect(new Set(sizes).size).toBe(sizes.length);
    const tried = bench.log.filter(({ message }) => message === "an episode fails while others pass; it is tried again");
    expect(tried.length).toBeGreaterThanOrEqual(4);
    expect(tried[0]?.fields).toMatchObject({
      source: "github/widgets",
      idempotency_key: "key-POISON",
      reason: "500 internal_error",
    });
  });

  it("does not make the sink look down while others pass", async () => {
    const bench = new DeliveryBench();
    bench.sink.answer = poison;
    const request = bench.deliver([makeEpisode("POISON")], "bad");
    await trickle(bench, () => request.settled, 30 * minuteMs);
    let slowest = 0;
    const again = bench.deliver([makeEpisode("POISON2")], "bad");
    await bench.settle();
    for (let round = 0; round < 20; round += 1) {
      const startMs = bench.clock.now();
      await bench.until({ ms: 5000 }, bench.deliver([makeEpisode(`r${round}`)], "steady"));
      slowest = Math.max(slowest, bench.clock.now() - startMs);
      await bench.clock.advance(1000);
    }
    expect(slowest).toBeLessThan(2000);
    expect(again.settled).toBe(false);
    await bench.delivery.close(AbortSignal.abort());
    await again.result.catch(() => undefined);
  });

  it("is never buried while nothing else is accepted: that may be an outage", async () => {
    const bench = new DeliveryBench();
    bench.sink.answer = () => broken;
    const request = bench.deliver(makeEpisodes(3, "POISON"));
    await bench.clock.advance(24 * 60 * minuteMs);
    expect(request.settled).toBe(false);
    expect(bench.buried).toEqual([]);
    bench.sink.answer = () => accepted;
    await bench.until({ ms: minuteMs }, request);
  });

  it("alone in the queue wants others as soon as it failed, since only they can show whether the sink is down", async () => {
    const bench = new DeliveryBench();
    bench.sink.answer = poison;
    const request = bench.deliver([makeEpisode("POISON")], "bad");
    await bench.settle();
    expect(bench.delivery.state).toMatchObject({ status: "failing", wantsMore: true });
    const other = bench.deliver([makeEpisode("other")], "good");
    expect(bench.delivery.state.wantsMore).toBe(false);
    await bench.until({ ms: minuteMs }, other);
    expect(bench.delivery.state.status).toBe("up");
    await bench.delivery.close(AbortSignal.abort());
    await request.result.catch(() => undefined);
  });

  it("that takes the connection down instead of a 500 blocks no other episode, and is never buried for it", async () => {
    const bench = new DeliveryBench();
    bench.sink.answer = (batch) =>
      poison(batch).type === "accepted" ? accepted : { type: "failed", reason: "502", suspect: false };
    const request = bench.deliver([...makeEpisodes(99), makeEpisode("POISON")], "bad");
    await trickle(bench, () => new Set(bench.sink.stored).size >= 99 && bench.sink.stored.includes("key-98"), 10 * minuteMs);
    await trickle(bench, () => bench.clock.now() > Date.UTC(2026, 0, 1, 2), 3 * 60 * minuteMs);
    expect(request.settled).toBe(false);
    expect(bench.buried).toEqual([]);
    await bench.delivery.close(AbortSignal.abort());
    await request.result.catch(() => undefined);
  });
});

describe("a sink that requests a pause (429)", () => {
  it("gets no episode of any source until exactly Retry-After is over", async () => {
    const bench = new DeliveryBench();
    bench.sink.answer = (_, index) => (index === 0 ? { type: "limited", retryAfterMs: 17_000 } : accepted);
    const first = bench.deliver(makeEpisodes(100));
    await bench.settle();
    expect(bench.delivery.state).toMatchObject({ status: "limited", wantsMore: true });
    const later = bench.deliver(makeEpisodes(200, "later"), "other");
    await bench.clock.advance(16_999);
    expect(bench.sink.batches).toHaveLength(1);
    await bench.clock.advance(1);
    await bench.until({ ms: 1000 }, first, later);
    expect(gapsOf(bench)[0]).toBe(17_000);
    expect(bench.delivery.state.status).toBe("up");
  });

  it("is not reopened by an older request that is accepted meanwhile", async () => {
    const bench = new DeliveryBench();
    const older = Promise.withResolvers<SendResult>();
    bench.sink.answer = (_, index) =>
      index === 0 ? older.promise : index === 1 ? { type: "limited", retryAfterMs: 30_000 } : accepted;
    const request = bench.deliver(makeEpisodes(300));
    await bench.settle();
    older.resolve(accepted);
    await bench.clock.advance(29_999);
    expect(bench.sink.batches).toHaveLength(2);
    await bench.until({ ms: 2000 }, request);
  });
});

describe("a sink that refuses its configuration", () => {
  const stopped: SendResult = { type: "stopped", reason: "403 invalid_api_key", hint: "check [statewave] api_key" };

  it("hands everything back, retryable, takes nothing new, and says so loudly once", async () => {
    const bench = new DeliveryBench();
    bench.sink.answer = () => stopped;
    const requests = [bench.deliver(makeEpisodes(500), "a"), bench.deliver(makeEpisodes(500), "b")];
    await bench.until({ ms: 0 }, ...requests);
    for (const { error } of requests) {
      expect(error).toMatchObject({
        code: "SINK_STOPPED",
        retryable: true,
        message: expect.stringContaining("403 invalid_api_key"),
        hint: "check [statewave] api_key",
      });
    }
    await expect(bench.deliver(makeEpisodes(1)).result).rejects.toMatchObject({ code: "SINK_STOPPED" });
    expect(bench.delivery.state).toMatchObject({ status: "stopped", wantsMore: false });
    expect(bench.delivery.stats().queuedEpisodes).toBe(0);
    await bench.clock.advance(59 * minuteMs);
    expect(bench.log.filter(({ level }) => level === "error")).toHaveLength(1);
    await bench.clock.advance(2 * minuteMs);
    expect(bench.log.filter(({ level }) => level === "error")).toHaveLength(2);
  });

  it("is tried with one batch every 60 s, and is up again when that is accepted", async () => {
    const bench = new DeliveryBench();
    let mended = false;
    bench.sink.answer = () => (mended ? accepted : stopped);
    await bench.until({ ms: 0 }, bench.deliver(makeEpisodes(250)));
    const before = bench.sink.batches.length;
    await bench.clock.advance(5 * minuteMs);
    const probes = bench.sink.batches.slice(before);
    expect(probes).toHaveLength(5);
    expect(new Set(gapsOf(bench).slice(before - 1))).toEqual(new Set([minuteMs]));
    expect(probes.every(({ keys }) => keys.length <= 100)).toBe(true);
    mended = true;
    const waiting = bench.delivery.whenUp(new AbortController().signal);
    await bench.clock.advance(minuteMs);
    await waiting;
    expect(bench.delivery.state).toMatchObject({ status: "up", wantsMore: true });
    const again = bench.deliver(makeEpisodes(250));
    await bench.until({ ms: 1000 }, again);
    expect(await again.result).toEqual({ delivered: 250, buried: 0 });
  });

  it("is judged by the last probe: refusing a batch it is up again, failing it is failing and wants more", async () => {
    const bench = new DeliveryBench();
    const script: SendResult[] = [stopped, stopped, broken, stopped, { type: "refused", reason: "422" }];
    bench.sink.answer = (_, index) => script[index] ?? accepted;
    await bench.until({ ms: 0 }, bench.deliver(makeEpisodes(3)));
    await bench.clock.advance(minuteMs);
    expect(bench.delivery.state).toMatchObject({ status: "stopped", wantsMore: false });
    await bench.clock.advance(minuteMs);
    expect(bench.delivery.state).toMatchObject({ status: "failing", wantsMore: true });
    await bench.until({ ms: minuteMs }, bench.deliver(makeEpisodes(3)));
    expect(bench.delivery.state.status).toBe("stopped");
    await bench.clock.advance(minuteMs);
    await bench.settle();
    expect(bench.delivery.state.status).toBe("up");
    expect(bench.buried).toEqual([]);
    expect(bench.sink.batches).toHaveLength(5);
  });

  it("stays stopped when an older request fails: that says nothing about the key", async () => {
    const bench = new DeliveryBench();
    const older = Promise.withResolvers<SendResult>();
    bench.sink.answer = (_, index) => (index === 0 ? older.promise : stopped);
    await bench.until({ ms: 0 }, bench.deliver(makeEpisodes(200)));
    older.resolve(down);
    await bench.settle();
    expect(bench.delivery.state.status).toBe("stopped");
    await bench.clock.advance(minuteMs);
    expect(bench.sink.batches).toHaveLength(3);
  });
});
