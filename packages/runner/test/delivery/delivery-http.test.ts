import { type Episode, isConnectorsError, sleep } from "@statewave-connectors/connector-sdk";
import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { type FakeStatewave, type Fault, startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { afterEach, describe, expect, it } from "vitest";
import { openSink } from "../../src/sinks/open-sink.ts";
import { DeliveryBench } from "./delivery-bench.ts";
import { makeEpisode, makeEpisodes } from "./make-episode.ts";

const minuteMs = 60_000;
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** A delivery on the fake clock, over real HTTP to the fake server. */
async function overHttp(faults: readonly Fault[] = [], seed = 1): Promise<{ bench: DeliveryBench; fake: FakeStatewave }> {
  const fake = await startFakeStatewave({ faults });
  closers.push(() => fake.close());
  const sink = await openSink({
    statewave: { url: fake.url, tenantHeader: "X-Tenant-ID" },
    clock: systemClock,
    logger: silentLogger,
  });
  closers.push(async () => sink.close?.());
  const bench = new DeliveryBench({ sink, seed });
  closers.push(() => bench.delivery.close(AbortSignal.abort()));
  return { bench, fake };
}

const storedKeys = (fake: FakeStatewave) => fake.episodes.map(({ idempotency_key: key }) => String(key)).toSorted();
const keysOf = (episodes: readonly Episode[]) => episodes.map(({ idempotency_key: key }) => key).toSorted();

describe("delivering over HTTP", () => {
  it.each<[string, Fault]>([
    ["503", { type: "status", status: 503, times: 20 }],
    ["500", { type: "status", status: 500, times: 4 }],
    ["cut connections", { type: "reset", times: 20 }],
    ["429", { type: "status", status: 429, headers: { "retry-after": "30" }, times: 3 }],
    ["lost replies", { type: "lost_reply", times: 5 }],
    ["500 after the commit", { type: "stored_error", times: 4 }],
    ["broken-off answers", { type: "cut_body", times: 5 }],
  ])("through %s stores each episode once, and loses none", async (_, fault) => {
    const { bench, fake } = await overHttp([fault]);
    const page = makeEpisodes(500);
    const request = bench.deliver(page);
    await bench.until({ ms: 30 * minuteMs }, request);
    expect(await request.result).toEqual({ delivered: 500, buried: 0 });
    expect(storedKeys(fake)).toEqual(keysOf(page));
  });

  it("survives a server that is gone for minutes and comes back at the same address", async () => {
    const { bench, fake } = await overHttp();
    const port = Number(new URL(fake.url).port);
    await bench.until({ ms: minuteMs }, bench.deliver(makeEpisodes(10, "before")));
    await fake.close();
    const page = makeEpisodes(300);
    const request = bench.deliver(page);
    for (let second = 0; second < 300; second += 1) await bench.clock.advance(1000);
    expect(bench.delivery.state).toMatchObject({ status: "failing" });
    expect(request.settled).toBe(false);
    const back = await startFakeStatewave({ port });
    closers.push(() => back.close());
    await bench.until({ ms: minuteMs }, request);
    expect(storedKeys(back)).toEqual(keysOf(page));
  });

  it.each(["422", "422_unnamed", "413"] as const)("buries only what a %s means and stores the rest", async (as) => {
    const { bench, fake } = await overHttp([{ type: "refuse", marker: "REFUSED", as }]);
    const bad = [makeEpisode("REFUSED-a"), makeEpisode("REFUSED-b")];
    const request = bench.deliver([...makeEpisodes(60, "x"), bad[0]!, ...makeEpisodes(60, "y"), bad[1]!]);
    await bench.until({ ms: minuteMs }, request);
    expect(await request.result).toEqual({ delivered: 120, buried: 2 });
    expect(bench.buried.map(({ key }) => key).toSorted()).toEqual(keysOf(bad));
    expect(storedKeys(fake)).toEqual(keysOf([...makeEpisodes(60, "x"), ...makeEpisodes(60, "y")]));
  });

  it("never sends what the server would refuse, whatever a connector hands in", async () => {
    const { bench, fake } = await overHttp();
    const odd: Partial<Episode>[] = [
      { subject: "relationship:ä@b.example/x y" },
      { text: "x".repeat(200_000) },
      { text: "nul \0 and lone \ud83d surrogate" },
      { session: "a/b c" },
      { occurred_at: "2024-02-29T10:00:00+14:00" },
      { metadata: { deep: { nul: "\0", list: [1n, Number.NaN, new Date(0)] } } },
      { source: { type: "t".repeat(256), id: "\udc00" } },
      { kind: "k".repeat(128), idempotency_key: "k".repeat(512) },
      { title: "", session: "" },
    ];
    const page = odd.map((changes, index) => makeEpisode(`odd${index}`, changes));
    const request = bench.deliver(page);
    await bench.until({ ms: minuteMs }, request);
    expect(await request.result).toEqual({ delivered: page.length, buried: 0 });
    expect(fake.stats().answers).toEqual({ 201: 1 });
  });
});

describe("under a random schedule of faults over HTTP", () => {
  const seed = Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 32));

  it(`every episode is stored once or buried (TEST_SEED=${seed})`, async () => {
    const random = seededRandom(seed);
    const { bench, fake } = await overHttp([], seed);
    const marker: Fault = { type: "refuse", marker: "REFUSED", as: random() < 0.5 ? "422" : "422_unnamed" };
    const randomFault = (): Fault[] => {
      const times = 1 + Math.floor(random() * 4);
      const status = [500, 502, 503, 429, 401, 404][Math.floor(random() * 6)]!;
      const all: Fault[] = [
        { type: "reset", times },
        { type: "lost_reply", times },
        { type: "cut_body", times },
        { type: "status", status, times },
      ];
      return random() < 0.4 ? [] : [all[Math.floor(random() * all.length)]!];
    };
    const pages = Array.from({ length: 30 }, (_, page) =>
      Array.from({ length: 1 + Math.floor(random() * 120) }, (_item, index) =>
        makeEpisode(`${page}-${index}${random() < 0.01 ? "-REFUSED" : ""}`),
      ),
    );
    const waiting = new Set(pages);
    const callers = pages.map(async (page, index) => {
      await sleep(bench.clock, Math.floor(random() * 5 * minuteMs));
      for (;;) {
        try {
          await bench.deliver(page, `source-${index % 5}`).result;
          waiting.delete(page);
          return;
        } catch (error) {
          if (!isConnectorsError(error, "SINK_STOPPED")) throw error;
          await sleep(bench.clock, 1000);
        }
      }
    });
    const all = Promise.all(callers);
    for (let round = 0; waiting.size > 0 && round < 20_000; round += 1) {
      if (round % 50 === 0) fake.setFaults([marker, ...(round < 3000 ? randomFault() : [])]);
      await bench.clock.advance(round % 4 === 0 ? 500 : 0);
    }
    await all;
    const isRefused = ({ idempotency_key: key }: Episode) => key.includes("REFUSED");
    expect(storedKeys(fake)).toEqual(keysOf(pages.flat().filter((episode) => !isRefused(episode))));
    expect([...new Set(bench.buried.map(({ key }) => key))].toSorted()).toEqual(keysOf(pages.flat().filter(isRefused)));
  });
});
