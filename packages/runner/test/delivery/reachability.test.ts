import type { SendResult } from "@statewave-connectors/connector-sdk/host";
import { describe, expect, it } from "vitest";
import { accepted, DeliveryBench } from "./delivery-bench.ts";
import { makeEpisode, makeEpisodes } from "./make-episode.ts";

const minuteMs = 60_000;
const noAnswer: SendResult = { type: "failed", reason: "network: ECONNREFUSED", suspect: false };
const broken: SendResult = { type: "failed", reason: "500 internal_error", suspect: true };

/** A delivery to a sink that answers a request without episodes, and the times of these requests. */
function askable(answers: () => boolean): { readonly bench: DeliveryBench; readonly askedAtMs: readonly number[] } {
  const askedAtMs: number[] = [];
  const bench: DeliveryBench = new DeliveryBench({
    isReachable: async () => {
      askedAtMs.push(bench.clock.now());
      return answers();
    },
  });
  return { bench, askedAtMs };
}

/** A delivery of three episodes whose sink cannot be reached; `comesBack` resolves when it has answered a request without episodes. */
async function outage() {
  let isBack = false;
  const { bench } = askable(() => isBack);
  bench.sink.answer = () => noAnswer;
  const controller = new AbortController();
  bench.deliver(makeEpisodes(3), "x", controller.signal).result.catch(() => undefined);
  await bench.settle();
  const comesBack = async () => {
    isBack = true;
    await bench.clock.advance(15_000);
  };
  return { bench, controller, comesBack };
}

describe("a sink that cannot be reached", () => {
  it.each([
    ["without an answer", noAnswer],
    ["with 500", broken],
  ])(
    "after a batch that failed %s takes nothing, and wants nothing although nothing is left to try it with",
    async (_, failure) => {
      const { bench } = askable(() => false);
      bench.sink.answer = () => failure;
      const controller = new AbortController();
      const request = bench.deliver(makeEpisodes(3), "x", controller.signal);
      await bench.settle();
      expect(bench.delivery.state).toMatchObject({ status: "failing", takesNothing: true, wantsMore: false });
      controller.abort(new Error("given back"));
      await expect(request.result).rejects.toThrow("given back");
      await bench.clock.advance(10 * minuteMs);
      expect(bench.delivery.state).toMatchObject({ status: "failing", takesNothing: true, wantsMore: false });
      await bench.delivery.close(AbortSignal.abort());
      expect(bench.clock.pending).toBe(0);
    },
  );

  it("is tried at growing intervals until it answers, and then wants more", async () => {
    let isBack = false;
    const { bench, askedAtMs } = askable(() => isBack);
    bench.sink.answer = (_, index) => (index === 0 ? noAnswer : accepted);
    const controller = new AbortController();
    const request = bench.deliver([makeEpisode(1)], "x", controller.signal);
    request.result.catch(() => undefined);
    await bench.settle();
    controller.abort();
    await bench.clock.advance(5 * minuteMs);
    const gaps = askedAtMs.slice(1).map((atMs, index) => atMs - askedAtMs[index]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(250);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(15_000);
    expect(gaps.length).toBeLessThan(60);
    isBack = true;
    await bench.clock.advance(15_000);
    expect(bench.delivery.state).toMatchObject({ takesNothing: false, wantsMore: true });
    const asked = askedAtMs.length;
    await bench.until({ ms: minuteMs }, bench.deliver([makeEpisode(2)]));
    expect(bench.delivery.state).toMatchObject({ status: "up", takesNothing: false });
    await bench.clock.advance(minuteMs);
    expect(askedAtMs).toHaveLength(asked);
  });

  it("is up again when it answers and another process has delivered what was given back", async () => {
    const { bench, controller, comesBack } = await outage();
    controller.abort();
    await comesBack();
    expect(bench.delivery.state).toMatchObject({ status: "up", takesNothing: false, wantsMore: true });
  });

  it("stays failing when it answers, until it takes what this process still holds", async () => {
    const { bench, comesBack } = await outage();
    await comesBack();
    expect(bench.delivery.state).toMatchObject({ status: "failing", wantsMore: false });
    bench.sink.answer = () => accepted;
    await bench.clock.advance(5 * minuteMs);
    expect(bench.delivery.state).toMatchObject({ status: "up" });
  });

  it("is one no more as soon as it takes a batch, whatever an older question found", async () => {
    const asked = Promise.withResolvers<boolean>();
    const bench = new DeliveryBench({ isReachable: () => asked.promise });
    bench.sink.answer = (_, index) => (index === 0 ? noAnswer : accepted);
    await bench.until({ ms: minuteMs }, bench.deliver(makeEpisodes(3)));
    asked.resolve(false);
    await bench.settle();
    expect(bench.delivery.state).toMatchObject({ status: "up", takesNothing: false, wantsMore: true });
    await bench.delivery.close(AbortSignal.abort());
    expect(bench.clock.pending).toBe(0);
  });
});

describe("a sink that takes a batch and never answers", () => {
  /** What the first batch is answered with; every other batch is accepted. */
  function silent(answers: () => boolean) {
    const { bench, askedAtMs } = askable(answers);
    const first = Promise.withResolvers<SendResult>();
    bench.sink.answer = (_, index) => (index === 0 ? first.promise : accepted);
    return { bench, askedAtMs, first };
  }

  it("counts as failing before the batch is given up, and what this process holds stays with it until then", async () => {
    const { bench, first } = silent(() => false);
    bench.deliver(makeEpisodes(3)).result.catch(() => undefined);
    await bench.clock.advance(4_999);
    expect(bench.delivery.state).toMatchObject({ status: "up", wantsMore: true });
    await bench.clock.advance(1);
    await bench.settle();
    expect(bench.delivery.state).toMatchObject({ status: "failing", wantsMore: false, takesNothing: false });
    expect(bench.delivery.state.reason).toContain("no answer yet");
    expect(bench.delivery.nextAttemptAtMs).toBeUndefined();
    expect(bench.log.filter(({ level }) => level === "error")).toHaveLength(1);
    expect(bench.sink.batches).toHaveLength(1);

    first.resolve(noAnswer);
    await bench.settle();
    expect(bench.delivery.state).toMatchObject({ status: "failing", takesNothing: true, reason: "network: ECONNREFUSED" });
    expect(bench.log.filter(({ level }) => level === "error")).toHaveLength(1);
    await bench.delivery.close(AbortSignal.abort());
    expect(bench.clock.pending).toBe(0);
  });

  it("is up again when its late answer comes, and the batch is sent once", async () => {
    const { bench, first } = silent(() => false);
    const request = bench.deliver(makeEpisodes(3));
    await bench.clock.advance(20_000);
    expect(bench.delivery.state.status).toBe("failing");
    first.resolve(accepted);
    await bench.until({ ms: minuteMs }, request);
    expect(bench.delivery.state).toMatchObject({ status: "up", wantsMore: true });
    expect(bench.sink.batches).toHaveLength(1);
    expect(bench.log.at(-1)).toMatchObject({ level: "info", message: "the sink takes episodes again" });
  });

  it("is up again when it answers without episodes, and takes other batches beside the silent one", async () => {
    let isBack = false;
    const { bench, first } = silent(() => isBack);
    const request = bench.deliver(makeEpisodes(3));
    await bench.clock.advance(10_000);
    const other = bench.deliver([makeEpisode("other")], "other");
    await bench.clock.advance(1_000);
    expect(bench.delivery.state.status).toBe("failing");
    expect(bench.sink.batches).toHaveLength(1);
    isBack = true;
    await bench.until({ ms: minuteMs }, other);
    expect(bench.delivery.state).toMatchObject({ status: "up", wantsMore: true });
    first.resolve(accepted);
    await bench.until({ ms: minuteMs }, request);
    expect(bench.sink.batches).toHaveLength(2);
  });

  it("is only slow while it answers without episodes", async () => {
    const { bench, askedAtMs, first } = silent(() => true);
    const request = bench.deliver(makeEpisodes(3));
    await bench.clock.advance(25_000);
    expect(bench.delivery.state).toMatchObject({ status: "up", wantsMore: true });
    expect(askedAtMs).toHaveLength(1);
    first.resolve(accepted);
    await bench.until({ ms: minuteMs }, request);
    expect(bench.log.filter(({ level }) => level !== "debug")).toEqual([]);
  });
});

describe("a sink that answers without episodes", () => {
  it("is not taken for unreachable because of a batch, which is narrowed as ever", async () => {
    const { bench } = askable(() => true);
    bench.sink.answer = (batch) => (batch.some(({ episode }) => episode.text.includes("POISON")) ? broken : accepted);
    const request = bench.deliver([makeEpisode("POISON")], "bad");
    await bench.settle();
    expect(bench.delivery.state).toMatchObject({ status: "failing", takesNothing: false, wantsMore: true });
    await bench.until({ ms: minuteMs }, bench.deliver([makeEpisode("other")], "good"));
    expect(bench.delivery.state.status).toBe("up");
    await bench.delivery.close(AbortSignal.abort());
    await request.result.catch(() => undefined);
  });
});

it("a sink that refuses everything takes nothing", async () => {
  const bench = new DeliveryBench();
  bench.sink.answer = () => ({ type: "stopped", reason: "403 invalid_api_key" });
  await bench.deliver(makeEpisodes(3)).result.catch(() => undefined);
  expect(bench.delivery.state).toMatchObject({ status: "stopped", takesNothing: true, wantsMore: false });
});
