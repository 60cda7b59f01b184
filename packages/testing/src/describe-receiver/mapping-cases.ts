import type { Episode } from "@statewave-connectors/connector-sdk";
import { expect } from "vitest";
import { episodeProblems } from "../episode-problems.ts";
import { within } from "../within.ts";
import type { ReceiverCase } from "./receiver-case.ts";
import { asStored, mapEvent, type ReceiverBench } from "./receiver-bench.ts";
import type { ReceiverSample } from "./receiver-under-test.ts";

/** What a stored event becomes. */
export const mappingCases: readonly ReceiverCase[] = [
  {
    title: "maps every sample to sound episodes of the declared kinds",
    async run(bench) {
      for (const sample of eventSamples(bench)) {
        const episodes = await episodesOf(bench, sample);
        const problems = episodes.flatMap((episode) => episodeProblems(episode, bench.member.connector.kind));
        expect(problems, sample.name).toEqual([]);
        expect(
          episodes.map(({ kind }) => kind),
          sample.name,
        ).toEqual(sample.kinds ?? []);
      }
    },
  },
  {
    title: "gives the same keys when it maps again, also a day later and in another process",
    async run(bench) {
      for (const sample of eventSamples(bench)) {
        const first = keysOf(await episodesOf(bench, sample));
        bench.clock.set(bench.clock.now() + 86_400_000);
        expect(keysOf(await episodesOf(bench, sample)), sample.name).toEqual(first);
        expect(new Set(first).size, sample.name).toBe(first.length);
      }
    },
  },
  {
    title: "ends its mapping at once when it is aborted while the provider is silent",
    async run(bench) {
      bench.gate.silence();
      for (const sample of eventSamples(bench)) {
        const receiver = await bench.open();
        const request = bench.request(sample);
        const event = asStored(await receiver.receive(request), request);
        const abort = new AbortController();
        const asked = bench.gate.nextRequest();
        const ended = (async () => {
          for await (const page of receiver.pages(event, abort.signal)) void page;
        })().catch(() => undefined);
        await within(`mapping ${sample.name}`, Promise.race([asked, ended]));
        abort.abort(new Error("aborted by the case"));
        await within(`mapping ${sample.name}, though aborted,`, ended);
      }
    },
  },
];

function eventSamples(bench: ReceiverBench): readonly ReceiverSample[] {
  return bench.member.samples.filter(({ received = "event" }) => received === "event");
}

async function episodesOf(bench: ReceiverBench, sample: ReceiverSample): Promise<readonly Episode[]> {
  const receiver = await bench.open();
  const request = bench.request(sample);
  return mapEvent(receiver, asStored(await receiver.receive(request), request));
}

function keysOf(episodes: readonly Episode[]): readonly string[] {
  return episodes.map((episode) => episode.idempotency_key);
}
