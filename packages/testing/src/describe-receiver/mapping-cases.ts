import type { Episode } from "@statewave-connectors/connector-sdk";
import { expect } from "vitest";
import { episodeProblems } from "../episode-problems.ts";
import { within } from "../within.ts";
import type { ReceiverCase } from "./receiver-case.ts";
import { asStored, mapEvent, type ReceiverHarness } from "./receiver-harness.ts";
import type { ReceiverSample } from "./receiver-subject.ts";

/** What a stored event becomes. */
export const mappingCases: readonly ReceiverCase[] = [
  {
    title: "maps every sample to sound episodes of the declared kinds",
    async run(harness) {
      for (const sample of eventSamples(harness)) {
        const episodes = await episodesOf(harness, sample);
        const problems = episodes.flatMap((episode) => episodeProblems(episode, harness.subject.connector.kind));
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
    async run(harness) {
      for (const sample of eventSamples(harness)) {
        const first = keysOf(await episodesOf(harness, sample));
        harness.clock.set(harness.clock.now() + 86_400_000);
        expect(keysOf(await episodesOf(harness, sample)), sample.name).toEqual(first);
        expect(new Set(first).size, sample.name).toBe(first.length);
      }
    },
  },
  {
    title: "ends its mapping at once when it is aborted while the provider is silent",
    async run(harness) {
      harness.gate.silence();
      for (const sample of eventSamples(harness)) {
        const receiver = await harness.open();
        const request = harness.request(sample);
        const event = asStored(await receiver.receive(request), request);
        const abort = new AbortController();
        const asked = harness.gate.nextRequest();
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

function eventSamples(harness: ReceiverHarness): readonly ReceiverSample[] {
  return harness.subject.samples.filter(({ received = "event" }) => received === "event");
}

async function episodesOf(harness: ReceiverHarness, sample: ReceiverSample): Promise<readonly Episode[]> {
  const receiver = await harness.open();
  const request = harness.request(sample);
  return mapEvent(receiver, asStored(await receiver.receive(request), request));
}

function keysOf(episodes: readonly Episode[]): readonly string[] {
  return episodes.map((episode) => episode.idempotency_key);
}
