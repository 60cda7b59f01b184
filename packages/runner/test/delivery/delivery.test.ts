import type { OutboundEpisode, SendResult } from "@statewave-connectors/connector-sdk/host";
import { describe, expect, it } from "vitest";
import { accepted, DeliveryBench } from "./delivery-bench.ts";
import { makeEpisode, makeEpisodes } from "./make-episode.ts";

/** An answer for each batch, given by hand. */
function heldAnswers(bench: DeliveryBench): ((result: SendResult) => void)[] {
  const held: ((result: SendResult) => void)[] = [];
  bench.sink.answer = () => new Promise((resolve) => held.push(resolve));
  return held;
}

describe("delivering", () => {
  it("resolves when every episode is accepted", async () => {
    const bench = new DeliveryBench();
    const request = bench.deliver(makeEpisodes(250));
    await bench.until({ ms: 1000 }, request);
    expect(await request.result).toEqual({ delivered: 250, buried: 0 });
    expect(bench.sink.stored).toEqual(makeEpisodes(250).map(({ idempotency_key: key }) => key));
    expect(bench.delivery.stats()).toEqual({ queuedEpisodes: 0, inFlightRequests: 0, acceptedEpisodes: 250, buriedEpisodes: 0 });
  });

  it("of nothing resolves without asking the sink", async () => {
    const bench = new DeliveryBench();
    expect(await bench.deliver([]).result).toEqual({ delivered: 0, buried: 0 });
    expect(bench.sink.batches).toEqual([]);
  });

  it("joins what arrives together into one batch, without waiting for a timer", async () => {
    const bench = new DeliveryBench();
    const requests = Array.from({ length: 30 }, (_, index) => bench.deliver([makeEpisode(index)], `source-${index % 3}`));
    await bench.settle();
    expect(requests.every(({ settled }) => settled)).toBe(true);
    expect(bench.sink.batches.map(({ keys }) => keys.length)).toEqual([30]);
  });

  it("lets a batch that is not full linger while another is under way, and a full one go", async () => {
    const bench = new DeliveryBench({ lingerMs: 5 });
    heldAnswers(bench);
    bench.deliver([makeEpisode("a")]);
    await bench.settle();
    bench.deliver([makeEpisode("b")]);
    await bench.clock.advance(4);
    bench.deliver([makeEpisode("c")]);
    await bench.settle();
    expect(bench.sink.batches).toHaveLength(1);
    await bench.clock.advance(1);
    expect(bench.sink.batches[1]?.keys).toEqual(["key-b", "key-c"]);

    const full = new DeliveryBench({ lingerMs: 5 });
    heldAnswers(full);
    full.deliver([makeEpisode("a")]);
    await full.settle();
    full.deliver(makeEpisodes(100));
    await full.settle();
    expect(full.sink.batches).toHaveLength(2);
  });

  it("keeps at most max_in_flight requests under way", async () => {
    const bench = new DeliveryBench({ maxInFlight: 3 });
    const held = heldAnswers(bench);
    const request = bench.deliver(makeEpisodes(1000));
    await bench.settle();
    expect(bench.sink.inFlight).toBe(3);
    while (!request.settled) {
      held.shift()?.(accepted);
      await bench.settle();
    }
    expect(bench.sink.maxInFlight).toBe(3);
  });

  it("keeps a batch within the sink's items and bytes", async () => {
    const bench = new DeliveryBench();
    const request = bench.deliver(makeEpisodes(100).map((episode) => ({ ...episode, text: "ü".repeat(8000) })));
    await bench.until({ ms: 1000 }, request);
    const bytes = bench.sink.batches.map(({ items }) =>
      Buffer.byteLength(JSON.stringify(items.map(({ episode }) => episode.text))),
    );
    expect(Math.max(...bytes)).toBeLessThan(1_000_000);
    expect(bench.sink.batches).toHaveLength(2);
  });

  it("draws in turn from every source, so that a first sync of thousands does not hold up one webhook", async () => {
    const bench = new DeliveryBench({ maxInFlight: 1 });
    bench.deliver(makeEpisodes(5000, "big"), "big");
    await bench.settle();
    const before = bench.sink.batches.length;
    const big = bench.deliver(makeEpisodes(5000, "more"), "big");
    const others = Array.from({ length: 40 }, (_, index) => bench.deliver([makeEpisode(`hook${index}`)], `hook-${index}`));
    await bench.until({ ms: 1000 }, ...others);
    expect(big.settled).toBe(false);
    expect(bench.sink.batches.length - before).toBeLessThanOrEqual(2);
    const mixed = bench.sink.batches.find(({ keys }) => keys.includes("key-hook0"));
    expect(mixed?.keys.filter((key) => key.startsWith("key-hook"))).toHaveLength(40);
    await bench.until({ ms: 60_000 }, big);
  });

  it("gives 150 sources their turns before any has a second one", async () => {
    const bench = new DeliveryBench({ maxInFlight: 1 });
    const requests = Array.from({ length: 150 }, (_, index) => bench.deliver(makeEpisodes(10, `s${index}-`), `source-${index}`));
    await bench.until({ ms: 1000 }, ...requests);
    const firsts = bench.sink.batches.slice(0, 2).flatMap(({ items }) => items.map(({ source }) => source.name));
    expect(new Set(firsts.slice(0, 150)).size).toBe(150);
  });

  it("takes the same key twice in one batch", async () => {
    const bench = new DeliveryBench();
    const request = bench.deliver([makeEpisode(1), makeEpisode(1)]);
    await bench.until({ ms: 100 }, request);
    expect(await request.result).toEqual({ delivered: 2, buried: 0 });
  });

  it("reports to the observer what became of each batch", async () => {
    const seen: unknown[] = [];
    const bench = new DeliveryBench({ observer: { batchSettled: ({ type, items }) => seen.push([type, items]) } });
    bench.sink.answer = (_, index) => (index === 0 ? { type: "failed", reason: "503", suspect: false } : accepted);
    await bench.until({ ms: 5000 }, bench.deliver(makeEpisodes(3)));
    expect(seen).toEqual([
      ["failed", 3],
      ["accepted", 3],
    ]);
  });

  it("takes a sink that throws for one that failed", async () => {
    const bench = new DeliveryBench();
    bench.sink.answer = (_, index) => (index === 0 ? Promise.reject(new Error("defect")) : accepted);
    const request = bench.deliver(makeEpisodes(3));
    await bench.until({ ms: 5000 }, request);
    expect(await request.result).toEqual({ delivered: 3, buried: 0 });
  });
});

describe("an aborted request", () => {
  it("rejects at once with the signal's reason and takes its episodes out of the queue", async () => {
    const bench = new DeliveryBench({ maxInFlight: 1 });
    const held = heldAnswers(bench);
    const controller = new AbortController();
    const other = bench.deliver([makeEpisode("other")], "other");
    const request = bench.deliver(makeEpisodes(500), "big", controller.signal);
    await bench.settle();
    controller.abort(new Error("lease lost"));
    await expect(request.result).rejects.toThrow("lease lost");
    expect(bench.delivery.stats().queuedEpisodes).toBe(0);
    held.shift()?.(accepted);
    await bench.until({ ms: 100 }, other);
    // What was in flight is let go; nothing else of it is sent.
    expect(bench.sink.batches).toHaveLength(1);
  });

  it("is not even begun when its signal was aborted before", async () => {
    const bench = new DeliveryBench();
    await expect(bench.deliver(makeEpisodes(1), "x", AbortSignal.abort(new Error("too late"))).result).rejects.toThrow(
      "too late",
    );
    await bench.settle();
    expect(bench.sink.batches).toEqual([]);
  });

  it("leaves no listener on its signal once settled", async () => {
    const bench = new DeliveryBench();
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    await bench.until({ ms: 100 }, bench.deliver(makeEpisodes(3), "x", signal));
    await bench.settle();
    expect(listeners).toBe(0);
  });
});

describe("burying", () => {
  const refuseBad = (batch: readonly OutboundEpisode[]): SendResult => {
    const bad = batch.flatMap(({ episode }, index) => (episode.text.includes("BAD") ? [index] : []));
    return bad.length === 0 ? accepted : { type: "refused", indexes: bad, reason: "422 validation_error" };
  };

  it("rejects the request, retryable, when it fails, and counts nothing delivered or buried for that episode", async () => {
    const bench = new DeliveryBench();
    bench.sink.answer = refuseBad;
    bench.bury = () => Promise.reject(new Error("disk full"));
    const request = bench.deliver([makeEpisode("BAD"), makeEpisode("good")]);
    await bench.until({ ms: 1000 }, request);
    expect(request.error).toMatchObject({ code: "SINK_BURY_FAILED", retryable: true });
    expect(bench.delivery.stats()).toMatchObject({ buriedEpisodes: 0, queuedEpisodes: 0 });
  });

  it("is waited for", async () => {
    const bench = new DeliveryBench();
    bench.sink.answer = refuseBad;
    const buried = Promise.withResolvers<void>();
    bench.bury = () => buried.promise;
    const request = bench.deliver([makeEpisode("BAD")]);
    await bench.settle();
    expect(request.settled).toBe(false);
    buried.resolve();
    await bench.until({ ms: 100 }, request);
    expect(await request.result).toEqual({ delivered: 0, buried: 1 });
  });

  it("keeps an invalid episode off the wire: it is buried without being sent, the others go", async () => {
    const bench = new DeliveryBench();
    const invalid = makeEpisode("invalid", { text: "" });
    const request = bench.deliver([makeEpisode(1), invalid, makeEpisode(2)]);
    await bench.until({ ms: 1000 }, request);
    expect(await request.result).toEqual({ delivered: 2, buried: 1 });
    expect(bench.buried).toEqual([{ source: "github/widgets", key: "key-invalid", reason: "text is empty" }]);
    expect(bench.sink.batches.map(({ keys }) => keys)).toEqual([["key-1", "key-2"]]);
  });
});

describe("closing", () => {
  it("waits for what was handed in and takes nothing new", async () => {
    const bench = new DeliveryBench();
    const held = heldAnswers(bench);
    const request = bench.deliver(makeEpisodes(3));
    await bench.settle();
    let closed = false;
    const closing = bench.delivery.close(new AbortController().signal).then(() => {
      closed = true;
    });
    await expect(bench.deliver(makeEpisodes(1)).result).rejects.toMatchObject({ code: "SINK_CLOSED", retryable: true });
    await bench.settle();
    expect(closed).toBe(false);
    held.shift()?.(accepted);
    await closing;
    expect(await request.result).toEqual({ delivered: 3, buried: 0 });
  });

  it("gives up at its deadline: the request in flight is aborted, the rest rejects, no timer stays", async () => {
    const bench = new DeliveryBench({ maxInFlight: 1 });
    let given: AbortSignal | undefined;
    bench.sink.answer = (_, __, signal) => {
      given = signal;
      return new Promise(() => undefined);
    };
    const request = bench.deliver(makeEpisodes(500));
    await bench.settle();
    const deadline = new AbortController();
    const closing = bench.delivery.close(deadline.signal);
    deadline.abort();
    await closing;
    await expect(request.result).rejects.toMatchObject({ code: "SINK_CLOSED", retryable: true });
    expect(given?.aborted).toBe(true);
    expect(bench.clock.pending).toBe(0);
  });

  it("during an outage leaves no timer behind", async () => {
    const bench = new DeliveryBench();
    bench.sink.answer = () => ({ type: "failed", reason: "network", suspect: false });
    const request = bench.deliver(makeEpisodes(1));
    await bench.settle();
    await bench.delivery.close(AbortSignal.abort());
    await bench.delivery.close(AbortSignal.abort());
    await expect(request.result).rejects.toMatchObject({ code: "SINK_CLOSED" });
    expect(bench.clock.pending).toBe(0);
  });
});
