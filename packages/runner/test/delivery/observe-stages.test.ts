import type { Episode } from "@statewave-connectors/connector-sdk";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { createDelivery } from "../../src/delivery/delivery.ts";
import { sinkFromIngest } from "../../src/sinks/ingest-sink.ts";
import { keepingLogger } from "../health/logging.ts";
import { makeEpisode } from "./make-episode.ts";

/** Delivers to a sink that takes 2 s, and answers what the observer received. */
async function deliver(episodes: readonly Episode[], acceptedAgoMs?: number) {
  const clock = new FakeClock();
  const { logger } = keepingLogger();
  const seen: string[] = [];
  const delivery = createDelivery({
    sink: sinkFromIngest(() => new Promise((resolve) => void clock.after(2_000, resolve)), { clock, logger }),
    bury: async () => undefined,
    clock,
    random: () => 0.5,
    logger,
    maxInFlight: 2,
    lingerMs: 0,
    observer: { stageEnded: (stage, seconds) => void seen.push(`${stage} ${seconds}`) },
  });
  const delivering = delivery.deliver({
    source: { kind: "test", name: "one" },
    connectorVersion: "1",
    episodes,
    signal: new AbortController().signal,
    acceptedAtMs: acceptedAgoMs === undefined ? undefined : clock.now() - acceptedAgoMs,
  });
  await clock.advance(3_000);
  await delivering;
  return seen;
}

const happened = (beforeMs: number) =>
  makeEpisode(beforeMs, { occurred_at: new Date(new FakeClock().now() - beforeMs).toISOString() });

test("of a pull, acceptance is when the page was read, and delivery takes from there", async () => {
  expect(await deliver([happened(5_000), happened(60_000)])).toEqual(["accepted 5", "accepted 60", "delivered 2", "delivered 2"]);
});

test("of a webhook, acceptance is when it was stored", async () => {
  expect(await deliver([happened(5_000)], 3_000)).toEqual(["accepted 2", "delivered 5"]);
});

test("what happened in the future, by the source's clock, took no time", async () => {
  expect(await deliver([happened(-5_000)])).toEqual(["accepted 0", "delivered 2"]);
});

test("of episodes that are all buried nothing is observed", async () => {
  expect(await deliver([makeEpisode(1, { text: "" })])).toEqual([]);
});
