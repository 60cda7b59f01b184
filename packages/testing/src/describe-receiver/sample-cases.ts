import { expect } from "vitest";
import { episodeProblems } from "../episode-problems.ts";
import type { ReceiverCase } from "./receiver-case.ts";
import { asStored, mapEvent } from "./receiver-harness.ts";

/** The samples that a connector offers to try an entry with. */
export const sampleCases: readonly ReceiverCase[] = [
  {
    title: "takes each of the connector's own samples when it is signed, under its marked id, and maps it to sound episodes",
    async run(harness) {
      const samples = await harness.ownSamples();
      if (samples === undefined) return;
      const names = samples.map(({ name }) => name);
      expect(names.length, "samples").toBeGreaterThan(0);
      expect(new Set(names).size, "different names").toBe(names.length);
      for (const sample of samples) {
        const receiver = await harness.open();
        const request = harness.request(sample);
        expect(`${JSON.stringify(sample.headers)}${sample.body}`, `what ${sample.name} carries`).toContain(harness.mark.id);
        const received = await receiver.receive(request);
        const status = received.response?.status ?? 200;
        expect(status >= 200 && status < 300, `${sample.name} is answered ${status}`).toBe(true);
        if (received.type === "respond") continue;
        if (received.id !== undefined) expect(received.id, `the id of ${sample.name}`).toContain(harness.mark.id);
        if (received.type !== "event") continue;
        const episodes = await mapEvent(receiver, asStored(received, request));
        const problems = episodes.flatMap((episode) => episodeProblems(episode, harness.subject.connector.kind));
        expect(problems, sample.name).toEqual([]);
        expect(episodes.length, `episodes of ${sample.name}`).toBeGreaterThan(0);
      }
    },
  },
];
