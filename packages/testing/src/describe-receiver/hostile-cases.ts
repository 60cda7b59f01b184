import { isConnectorsError, type ReceivedRequest } from "@statewave-connectors/connector-sdk";
import { expect } from "vitest";
import { episodeProblems } from "../episode-problems.ts";
import type { DecidingReceiver } from "../deciding-receiver.ts";
import type { ReceiverCase } from "./receiver-case.ts";
import { asStored, mapEvent, type ReceiverHarness, toBytes } from "./receiver-harness.ts";
import type { ReceiverSample } from "./receiver-subject.ts";
import { hostileBodies, inheritedNames, namedCopies, spoiledCopies } from "./hostile-bodies.ts";

/** What any client on the internet sends, and what a provider sends on a bad day. */
export const hostileCases: readonly ReceiverCase[] = [
  {
    title: "stores nothing that does not come by POST",
    async run(harness) {
      const receiver = await harness.open();
      const stored: unknown[] = [];
      const handle = harness.handler(receiver, (item) => Promise.resolve((stored.push(item), "fresh" as const)));
      for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
        const { status } = await handle({ ...harness.request(harness.event), method });
        const expected = receiver.methods?.includes(method) === true ? "below 500" : "405";
        expect(status, method).toSatisfy((got: number) => (expected === "405" ? got === 405 : got < 500));
      }
      expect(stored).toEqual([]);
    },
  },
  {
    title: "answers a signed body that makes no sense below 500, and maps or refuses for good what it stores of it",
    async run(harness) {
      for (const [name, body] of Object.entries(hostileBodies)) {
        for (const sample of harness.subject.samples) await expectJudged(harness, harness.request(sample, { body }), name);
      }
    },
  },
  {
    title: "judges a sample in which any field is of another type",
    async run(harness) {
      for (const sample of harness.subject.samples) {
        for (const { name, body } of spoiledCopies(sample.body)) {
          await expectJudged(harness, harness.request(sample, { body }), `${sample.name}, ${name}`);
        }
      }
      expect(Object.keys(Object.prototype), "Object.prototype").toEqual([]);
    },
  },
  {
    title: "takes a word of the provider for a word, also where every object has a property of that name",
    async run(harness) {
      for (const sample of harness.subject.samples) {
        for (const header of Object.keys(sample.headers ?? {})) {
          for (const word of inheritedNames) {
            await expectJudged(
              harness,
              harness.request(sample, { headers: { [header]: word } }),
              `${sample.name}, ${header}: ${word}`,
            );
          }
        }
        for (const { name, body } of namedCopies(sample.body)) {
          await expectJudged(harness, harness.request(sample, { body }), `${sample.name}, ${name}`);
          if ((sample.received ?? "event") === "event")
            await expectMapped(harness, { sample, body }, `${sample.name}, edited, ${name}`);
        }
      }
    },
  },
  {
    title: "takes a delivery beside headers it does not know, however many and long",
    async run(harness) {
      const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`x-unknown-${at}`, "y".repeat(200)]));
      const headers = { ...many, "x-long": "z".repeat(1_000_000) };
      const received = await (await harness.open()).receive(harness.request(harness.event, { headers }));
      expect(received.type).toBe(harness.eventType);
      const stored = received.type === "event" ? (received.headers ?? {}) : {};
      expect(JSON.stringify(stored).length).toBeLessThan(10_000);
    },
  },
  {
    title: "leaves the body as it was",
    async run(harness) {
      const receiver = await harness.open();
      for (const sample of harness.subject.samples) {
        const request = harness.request(sample);
        const before = Uint8Array.from(request.body);
        const received = await receiver.receive(request);
        expect(request.body, `${sample.name}, received`).toEqual(before);
        if (received.type === "event") await mapEvent(receiver, asStored(received, request));
        expect(request.body, `${sample.name}, mapped`).toEqual(before);
      }
    },
  },
  {
    title: "has no credential stored among the headers",
    async run(harness) {
      const receiver = await harness.open();
      const canary = "credential-c4n4ry";
      const names = ["authorization", "proxy-authorization", "cookie", "x-api-key", "x-auth-token"];
      const headers = Object.fromEntries(names.map((name) => [name, canary]));
      for (const sample of harness.subject.samples) {
        const received = await receiver.receive(harness.request(sample, { headers }));
        const stored = JSON.stringify(received.type === "event" ? (received.headers ?? {}) : {});
        for (const secret of [canary, harness.secret, harness.signatureOf(sample)]) expect(stored).not.toContain(secret);
      }
    },
  },
  {
    title: "sends no request while it opens and receives",
    holdsFor: ({ fetchesKeys = false }) => !fetchesKeys,
    async run(harness) {
      const receiver = await harness.open();
      for (const sample of harness.subject.samples) await receiver.receive(harness.request(sample));
      expect(harness.gate.requests).toBe(0);
    },
  },
];

/** Received without throwing; if it is stored, mapping ends with sound episodes or with an error that no repetition can fix. */
async function expectJudged(harness: ReceiverHarness, request: ReceivedRequest, what: string): Promise<void> {
  const receiver = await harness.open();
  const received = await receiver.receive(request);
  expect(received.response?.status ?? 200, what).toBeLessThan(500);
  if (received.type !== "event") return;
  expect(await outcomeOf(harness, receiver, asStored(received, request)), what).toEqual([]);
}

/** A stored event whose body was edited, as that of a dead letter may be: it is mapped without being received again. */
async function expectMapped(harness: ReceiverHarness, edited: EditedSample, what: string): Promise<void> {
  const { sample, body } = edited;
  const receiver = await harness.open();
  const request = harness.request(sample);
  const stored = asStored(await receiver.receive(request), request);
  expect(await outcomeOf(harness, receiver, { ...stored, body: toBytes(body) }), what).toEqual([]);
}

interface EditedSample {
  readonly sample: ReceiverSample;
  readonly body: string;
}

async function outcomeOf(
  harness: ReceiverHarness,
  receiver: DecidingReceiver,
  event: ReturnType<typeof asStored>,
): Promise<readonly string[]> {
  try {
    const episodes = await mapEvent(receiver, event);
    return episodes.flatMap((episode) => episodeProblems(episode, harness.subject.connector.kind));
  } catch (error) {
    // Where mapping requests the provider, its failures are not the event's fault.
    if (harness.gate.requests > 0) return [];
    return isConnectorsError(error) && !error.retryable ? [] : [`throws ${String(error)}`];
  }
}
