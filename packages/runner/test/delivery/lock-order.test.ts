import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { type Fault, startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { describe, expect, it, type TestContext } from "vitest";
import { openSink } from "../../src/sinks/open-sink.ts";
import { inLockOrder } from "../../src/delivery/lock-order.ts";
import { PreparedEpisode } from "../../src/sinks/wire/prepared-episode.ts";
import { DeliveryBench } from "./delivery-bench.ts";
import { makeEpisode, makeEpisodes, outbound } from "./make-episode.ts";

function shuffled<Item>(items: readonly Item[], seed: number): readonly Item[] {
  const random = seededRandom(seed);
  return items
    .map((item) => ({ item, place: random() }))
    .toSorted((left, right) => left.place - right.place)
    .map(({ item }) => item);
}

async function overHttp({ onTestFinished }: TestContext, faults: readonly Fault[]) {
  const fake = await startFakeStatewave({ faults });
  const sink = await openSink({
    statewave: { url: fake.url, tenantHeader: "X-Tenant-ID" },
    clock: systemClock,
    logger: silentLogger,
  });
  const healed: number[] = [];
  const bench = new DeliveryBench({ sink, observer: { healed: ({ count }) => void healed.push(count) }, maxInFlight: 4 });
  onTestFinished(async () => {
    await bench.delivery.close(AbortSignal.abort());
    await sink.close?.();
    await fake.close();
  });
  return { bench, fake, healed };
}

describe("batches that share keys", () => {
  it("never deadlock in the server, in whatever order their pages come", async (test) => {
    const { bench, fake } = await overHttp(test, [{ type: "latency", latencyMs: 20 }]);
    const subjects = ["repo:acme/widgets", "user:alice", "repo:acme widgets"];
    const page = subjects.flatMap((subject) => makeEpisodes(30, subject).map((episode) => ({ ...episode, subject })));
    const requests = [1, 2, 3, 4].map((seed) => bench.deliver(shuffled(page, seed), `source-${seed}`));
    await bench.until({ ms: 30 * 60_000 }, ...requests);
    expect(fake.stats().stored).toBe(90);
    expect(fake.stats().maxInFlight, "nothing was under way together").toBeGreaterThan(1);
    // A deadlock is answered 500. A batch without episodes, which looks for a server that is slow to answer, gets 422.
    expect(fake.stats().answers).not.toHaveProperty("500");
  });

  it.for(["422", "422_unnamed", "413"] as const)(
    "bury the item that a %s means, wherever it stood in its page",
    async (as, test) => {
      const { bench, fake } = await overHttp(test, [{ type: "refuse", marker: "REFUSED", as }]);
      const page = shuffled([...makeEpisodes(20), makeEpisode("5-REFUSED"), makeEpisode("0-REFUSED")], 7);
      const request = bench.deliver(page);
      await bench.until({ ms: 30 * 60_000 }, request);
      expect(await request.result).toEqual({ delivered: 20, buried: 2 });
      expect(bench.buried.map(({ key }) => key).toSorted()).toEqual(["key-0-REFUSED", "key-5-REFUSED"]);
      expect(fake.episodes).toHaveLength(20);
    },
  );
});

describe("the order in which a batch leaves", () => {
  it("is that of the server's index: subjects and keys as they are sent, by code units", () => {
    const sorted = inLockOrder(
      [
        makeEpisode("b", { subject: "repo:a.b" }),
        makeEpisode("a", { subject: "repo:a/b" }),
        makeEpisode("\u{1f600}"),
        makeEpisode("\ufb00"),
        makeEpisode("A"),
        makeEpisode("a"),
      ].map((episode) => new PreparedEpisode(outbound(episode))),
    );
    expect(sorted.map(({ episode }) => episode.idempotency_key)).toEqual([
      "key-a",
      "key-b",
      "key-A",
      "key-a",
      "key-\u{1f600}",
      "key-\ufb00",
    ]);
  });

  it("is the page's for a sink that does not ask to have it sorted", async () => {
    const orders: (readonly string[])[] = [];
    for (const sortsBatches of [true, false]) {
      const bench = new DeliveryBench();
      Object.assign(bench.sink, { sortsBatches });
      await bench.until({ ms: 1_000 }, bench.deliver([makeEpisode("c"), makeEpisode("a"), makeEpisode("b")]));
      orders.push(bench.sink.batches[0]?.keys ?? []);
    }
    expect(orders).toEqual([
      ["key-a", "key-b", "key-c"],
      ["key-c", "key-a", "key-b"],
    ]);
  });
});
