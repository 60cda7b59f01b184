import { isConnectorsError, type ReceivedRequest } from "@statewave-connectors/connector-sdk";
import { expect } from "vitest";
import { episodeProblems } from "../episode-problems.ts";
import type { DecidingReceiver } from "../deciding-receiver.ts";
import type { ReceiverCase } from "./receiver-case.ts";
import { asStored, mapEvent, type ReceiverBench } from "./receiver-bench.ts";
import { hostileBodies, spoiledCopies } from "./hostile-bodies.ts";

/** What anybody on the internet sends, and what a provider sends on a bad day. */
export const hostileCases: readonly ReceiverCase[] = [
  {
    title: "stores nothing that does not come by POST",
    async run(bench) {
      const receiver = await bench.open();
      const stored: unknown[] = [];
      const handle = bench.handler(receiver, (item) => Promise.resolve((stored.push(item), "fresh" as const)));
      for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
        const { status } = await handle({ ...bench.request(bench.event), method });
        const expected = receiver.methods?.includes(method) === true ? "below 500" : "405";
        expect(status, method).toSatisfy((got: number) => (expected === "405" ? got === 405 : got < 500));
      }
      expect(stored).toEqual([]);
    },
  },
  {
    title: "answers a signed body that makes no sense below 500, and maps or refuses for good what it stores of it",
    async run(bench) {
      for (const [name, body] of Object.entries(hostileBodies)) {
        for (const sample of bench.member.samples) await expectJudged(bench, bench.request(sample, { body }), name);
      }
    },
  },
  {
    title: "judges a sample in which any field is of another type",
    async run(bench) {
      for (const sample of bench.member.samples) {
        for (const { name, body } of spoiledCopies(sample.body)) {
          await expectJudged(bench, bench.request(sample, { body }), `${sample.name}, ${name}`);
        }
      }
      expect(Object.keys(Object.prototype), "Object.prototype").toEqual([]);
    },
  },
  {
    title: "takes a delivery beside headers it does not know, however many and long",
    async run(bench) {
      const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`x-unknown-${at}`, "y".repeat(200)]));
      const headers = { ...many, "x-long": "z".repeat(1_000_000) };
      const received = await (await bench.open()).receive(bench.request(bench.event, { headers }));
      expect(received.type).toBe(bench.eventType);
      const stored = received.type === "event" ? (received.headers ?? {}) : {};
      expect(JSON.stringify(stored).length).toBeLessThan(10_000);
    },
  },
  {
    title: "leaves the body as it was",
    async run(bench) {
      const receiver = await bench.open();
      for (const sample of bench.member.samples) {
        const request = bench.request(sample);
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
    async run(bench) {
      const receiver = await bench.open();
      const canary = "credential-c4n4ry";
      const names = ["authorization", "proxy-authorization", "cookie", "x-api-key", "x-auth-token"];
      const headers = Object.fromEntries(names.map((name) => [name, canary]));
      for (const sample of bench.member.samples) {
        const received = await receiver.receive(bench.request(sample, { headers }));
        const stored = JSON.stringify(received.type === "event" ? (received.headers ?? {}) : {});
        for (const secret of [canary, bench.secret, bench.signatureOf(sample)]) expect(stored).not.toContain(secret);
      }
    },
  },
  {
    title: "asks nobody while it opens and receives",
    holdsFor: ({ fetchesKeys = false }) => !fetchesKeys,
    async run(bench) {
      const receiver = await bench.open();
      for (const sample of bench.member.samples) await receiver.receive(bench.request(sample));
      expect(bench.gate.requests).toBe(0);
    },
  },
];

/** Received without throwing; if it is stored, mapping ends with sound episodes or with an error that no repetition can mend. */
async function expectJudged(bench: ReceiverBench, request: ReceivedRequest, what: string): Promise<void> {
  const receiver = await bench.open();
  const received = await receiver.receive(request);
  expect(received.response?.status ?? 200, what).toBeLessThan(500);
  if (received.type !== "event") return;
  expect(await outcomeOf(bench, receiver, asStored(received, request)), what).toEqual([]);
}

async function outcomeOf(
  bench: ReceiverBench,
  receiver: DecidingReceiver,
  event: ReturnType<typeof asStored>,
): Promise<readonly string[]> {
  try {
    const episodes = await mapEvent(receiver, event);
    return episodes.flatMap((episode) => episodeProblems(episode, bench.member.connector.kind));
  } catch (error) {
    // Where mapping asks the provider, its failures are not the event's fault.
    if (bench.gate.requests > 0) return [];
    return isConnectorsError(error) && !error.retryable ? [] : [`throws ${String(error)}`];
  }
}
