import type { OutboundEpisode, SendResult } from "@statewave-connectors/connector-sdk/host";
import { describe, expect, it } from "vitest";
import { accepted, DeliveryBench } from "./delivery-bench.ts";
import { makeEpisode, makeEpisodes } from "./make-episode.ts";

const isBad = ({ episode }: OutboundEpisode) => episode.text.includes("BAD");

/** Refuses batches with a bad item, naming it or not. */
function refuse(named: boolean) {
  return (batch: readonly OutboundEpisode[]): SendResult => {
    const indexes = batch.flatMap((item, index) => (isBad(item) ? [index] : []));
    if (indexes.length === 0) return accepted;
    return named ? { type: "refused", reason: "422", indexes } : { type: "refused", reason: "413" };
  };
}

const pageWithBad = (badAt: readonly number[], count = 100) =>
  Array.from({ length: count }, (_, index) => makeEpisode(badAt.includes(index) ? `BAD${index}` : index));

describe.each([
  ["named by the server", true, 4],
  ["found by halving", false, 16],
])("a refused item, %s,", (_, named, mostRequests) => {
  it("is buried alone, and the other 99 are delivered, at every position of the batch", async () => {
    for (let position = 0; position < 100; position += 1) {
      const bench = new DeliveryBench();
      bench.sink.answer = refuse(named);
      const request = bench.deliver(pageWithBad([position]));
      await bench.until({ ms: 10_000 }, request);
      expect(await request.result).toEqual({ delivered: 99, buried: 1 });
      expect(bench.buried).toEqual([{ source: "github/widgets", key: `key-BAD${position}`, reason: named ? "422" : "413" }]);
      expect(new Set(bench.sink.stored).size).toBe(99);
      expect(bench.sink.batches.length).toBeLessThanOrEqual(mostRequests);
    }
  });

  it("is buried with each of its kind when there are several in the batch", async () => {
    const bench = new DeliveryBench();
    bench.sink.answer = refuse(named);
    const request = bench.deliver(pageWithBad([0, 1, 50, 98, 99]));
    await bench.until({ ms: 10_000 }, request);
    expect(await request.result).toEqual({ delivered: 95, buried: 5 });
  });

  it("costs no accepted episode a second sending", async () => {
    const bench = new DeliveryBench();
    bench.sink.answer = refuse(named);
    await bench.until({ ms: 10_000 }, bench.deliver(pageWithBad([3, 77])));
    expect(bench.sink.stored.length).toBe(new Set(bench.sink.stored).size);
  });
});

describe("a batch refused as a whole", () => {
  it("buries all its items, each with the reason, and pauses the source at the hundredth", async () => {
    const bench = new DeliveryBench();
    bench.sink.answer = refuse(false);
    const page = makeEpisodes(100, "BAD");
    const request = bench.deliver(page);
    await bench.until({ ms: 60_000 }, request);
    expect(request.error).toMatchObject({ code: "SINK_SOURCE_PAUSED", retryable: true });
    await bench.settle();
    expect(bench.buried.map(({ key }) => key).toSorted()).toEqual(page.map(({ idempotency_key: key }) => key).toSorted());
  });
});

describe("a source with a refused item", () => {
  it("is sent in its own batches until ten are clean, then joins the others again", async () => {
    const bench = new DeliveryBench({ maxInFlight: 1 });
    bench.sink.answer = refuse(true);
    await bench.until({ ms: 1000 }, bench.deliver([makeEpisode("BAD"), makeEpisode("fine")], "rough"));
    const mixed: boolean[] = [];
    for (let round = 0; round < 14; round += 1) {
      const before = bench.sink.batches.length;
      await bench.until(
        { ms: 1000 },
        bench.deliver([makeEpisode(`r${round}`)], "rough"),
        bench.deliver([makeEpisode(`c${round}`)], "calm"),
      );
      mixed.push(bench.sink.batches.length - before === 1);
    }
    expect(mixed.indexOf(true)).toBe(10);
    expect(mixed.slice(10)).toEqual([true, true, true, true]);
  });

  it("does not hold up the others", async () => {
    const bench = new DeliveryBench({ maxInFlight: 1 });
    bench.sink.answer = refuse(false);
    const rough = bench.deliver(pageWithBad([5, 25, 45, 65, 85]), "rough");
    const calm = bench.deliver(makeEpisodes(300, "calm"), "calm");
    await bench.until({ ms: 10_000 }, rough, calm);
    expect(await calm.result).toEqual({ delivered: 300, buried: 0 });
    expect(await rough.result).toEqual({ delivered: 95, buried: 5 });
  });
});

describe("a hundred refusals in a row", () => {
  const minuteMs = 60_000;

  async function pausedBench(): Promise<DeliveryBench> {
    const bench = new DeliveryBench();
    bench.sink.answer = refuse(true);
    const request = bench.deliver(makeEpisodes(150, "BAD"), "broken");
    await bench.until({ ms: 60_000 }, request);
    expect(request.error).toMatchObject({ code: "SINK_SOURCE_PAUSED" });
    return bench;
  }

  it("pause the source: what waits is handed back, new episodes are not taken, nothing more is buried", async () => {
    const bench = await pausedBench();
    await bench.settle();
    expect(bench.buried).toHaveLength(100);
    expect(bench.delivery.stats().queuedEpisodes).toBe(0);
    const until = bench.delivery.pausedUntilMs({ kind: "github", name: "broken" });
    expect(until).toBeGreaterThan(bench.clock.now() + 14 * minuteMs);
    await expect(bench.deliver([makeEpisode(1)], "broken").result).rejects.toMatchObject({
      code: "SINK_SOURCE_PAUSED",
      retryAtMs: until,
    });
    expect(bench.log.filter(({ level }) => level === "error")).toHaveLength(1);
  });

  it("leave other sources alone", async () => {
    const bench = await pausedBench();
    expect(bench.delivery.pausedUntilMs({ kind: "github", name: "fine" })).toBeUndefined();
    await bench.until({ ms: 1000 }, bench.deliver([makeEpisode(1)], "fine"));
    expect(bench.delivery.state.status).toBe("up");
  });

  it("are followed by one probe after the pause: refused again it pauses twice as long, accepted it is forgiven", async () => {
    const bench = await pausedBench();
    await bench.clock.advance(15 * minuteMs);
    const again = bench.deliver(makeEpisodes(150, "BAD"), "broken");
    await bench.until({ ms: 10_000 }, again);
    expect(again.error).toMatchObject({ code: "SINK_SOURCE_PAUSED" });
    await bench.settle();
    expect(bench.buried).toHaveLength(101);
    expect(bench.delivery.pausedUntilMs({ kind: "github", name: "broken" })! - bench.clock.now()).toBeGreaterThan(29 * minuteMs);

    await bench.clock.advance(30 * minuteMs);
    bench.sink.answer = () => accepted;
    await bench.until({ ms: 10_000 }, bench.deliver([makeEpisode("mended")], "broken"));
    bench.sink.answer = refuse(true);
    const other = bench.deliver(makeEpisodes(50, "BAD"), "broken");
    await bench.until({ ms: 10_000 }, other);
    expect(await other.result).toEqual({ delivered: 0, buried: 50 });
  });

  it("are not a row when an accepted one lies between", async () => {
    const bench = new DeliveryBench();
    bench.sink.answer = refuse(true);
    for (let round = 0; round < 4; round += 1) {
      const request = bench.deliver([...makeEpisodes(60, `BAD${round}-`), makeEpisode(`good${round}`)], "half");
      await bench.until({ ms: 10_000 }, request);
      expect(await request.result).toEqual({ delivered: 1, buried: 60 });
    }
  });

  it("count invalid episodes too, which are never sent", async () => {
    const bench = new DeliveryBench();
    const request = bench.deliver(makeEpisodes(150).map((episode) => ({ ...episode, kind: "" })));
    await bench.until({ ms: 10_000 }, request);
    expect(request.error).toMatchObject({ code: "SINK_SOURCE_PAUSED" });
    expect(bench.sink.batches).toEqual([]);
  });
});
