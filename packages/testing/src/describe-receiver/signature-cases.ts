import type { Received, ReceivedRequest, Refusal } from "@statewave-connectors/connector-sdk";
import { type RefusalReason, refusalReasons } from "@statewave-connectors/connector-sdk/host";
import { expect } from "vitest";
import type { DecidingReceiver } from "../deciding-receiver.ts";
import type { ReceiverCase } from "./receiver-case.ts";
import { type ReceiverHarness, toBytes } from "./receiver-harness.ts";

/** Who may deliver: a sender with a secret, and for as long as the provider says. */
export const signatureCases: readonly ReceiverCase[] = [
  {
    title: "takes every sample as declared, under its id, with a 2xx",
    async run(harness) {
      const receiver = await harness.open();
      for (const sample of harness.subject.samples) {
        const received = await receiver.receive(harness.request(sample));
        expect(received.type, sample.name).toBe(sample.received ?? "event");
        expect(statusOf(received), sample.name).toSatisfy((status: number) => status >= 200 && status < 300);
        expect("id" in received ? received.id : undefined, sample.name).toBe(sample.id);
      }
    },
  },
  {
    title: "refuses a webhook without a signature",
    async run(harness) {
      const headers = { [harness.subject.capabilities.signatureHeader]: undefined };
      for (const sample of harness.subject.samples) {
        await expectRefusal(await harness.open(), harness.request(sample, { headers }), { because: "signature_missing" });
      }
    },
  },
  {
    title: "refuses another secret's signature",
    async run(harness) {
      for (const secret of ["another-secret", "", harness.secret.toUpperCase()]) {
        // What is made with an empty secret can be empty itself.
        const expected = secret === "" ? {} : { because: "signature_invalid" as const };
        await expectRefusal(await harness.open(), harness.request(harness.event, { secret }), expected);
      }
    },
  },
  {
    title: "refuses a body that differs from the signed one in a byte",
    holdsFor: ({ proves = "request" }) => proves === "request",
    async run(harness) {
      const request = harness.request(harness.event);
      const body = Uint8Array.from(request.body);
      body.set([Number(body.at(-1)) ^ 1], body.length - 1);
      await expectRefusal(await harness.open(), { ...request, body });
      await expectRefusal(await harness.open(), { ...request, body: Uint8Array.of(...toBytes(" "), ...request.body) });
      await expectRefusal(await harness.open(), { ...request, body: new Uint8Array() });
    },
  },
  {
    title: "refuses garbage in place of a signature",
    async run(harness) {
      const receiver = await harness.open();
      const { signatureHeader, severalSignatures = false } = harness.subject.capabilities;
      for (const garbage of garbageSignatures(harness.signatureOf(harness.event), severalSignatures)) {
        const headers = { [signatureHeader]: garbage };
        await expectRefusal(receiver, harness.request(harness.event, { headers }), { what: garbage.slice(0, 80) });
      }
    },
  },
  {
    title: "takes a delivery signed within the tolerance, and none signed earlier",
    holdsFor: ({ toleranceSeconds }) => toleranceSeconds !== "none",
    run: (harness) => expectWindow(harness, -1),
  },
  {
    title: "takes a delivery signed by a clock that is fast within the tolerance, and none from further ahead",
    holdsFor: ({ toleranceSeconds }) => toleranceSeconds !== "none",
    run: (harness) => expectWindow(harness, 1),
  },
  {
    title: "reports by how much a clock is off to a genuine sender, and to no other",
    holdsFor: ({ toleranceSeconds }) => toleranceSeconds !== "none",
    run: expectSkew,
  },
  {
    title: "takes a delivery of last year, because no time is signed",
    holdsFor: ({ toleranceSeconds }) => toleranceSeconds === "none",
    async run(harness) {
      const request = harness.request(harness.event, { signedAtMs: harness.clock.now() - 365 * 86_400_000 });
      expect((await (await harness.open()).receive(request)).type).toBe(harness.eventType);
    },
  },
  {
    title: "takes either of two secrets during a rotation, and no third",
    holdsFor: ({ secrets }) => secrets === 2,
    async run(harness) {
      const receiver = await harness.open(["new-secret", "old-secret"]);
      for (const secret of ["new-secret", "old-secret"]) {
        expect((await receiver.receive(harness.request(harness.event, { secret }))).type, secret).toBe(harness.eventType);
      }
      await expectRefusal(receiver, harness.request(harness.event));
    },
  },
  {
    title: "refuses an entry with two secrets, because it knows one",
    holdsFor: ({ secrets }) => secrets === 1,
    async run(harness) {
      await expect(harness.open(["new-secret", "old-secret"])).rejects.toThrow("options are refused");
    },
  },
  {
    title: "names neither a secret nor a sound signature in a refusal",
    async run(harness) {
      const receiver = await harness.open();
      const { signatureHeader } = harness.subject.capabilities;
      for (const headers of [{ [signatureHeader]: undefined }, { [signatureHeader]: "garbage" }]) {
        const answer = JSON.stringify(await receiver.receive(harness.request(harness.event, { headers })));
        expect(answer).not.toContain(harness.secret);
        expect(answer).not.toContain(harness.signatureOf(harness.event));
      }
    },
  },
];

function statusOf(received: Received): number {
  return received.response?.status ?? 200;
}

interface Expected {
  readonly what?: string;
  /** Default: any reason. */
  readonly because?: RefusalReason;
}

/** Expects an answer 4xx that names the reason, and nothing stored. */
async function expectRefusal(
  receiver: DecidingReceiver,
  request: ReceivedRequest,
  { what, because }: Expected = {},
): Promise<Refusal> {
  const received = await receiver.receive(request);
  expect(received.type, what).toBe("respond");
  expect(statusOf(received), what).toSatisfy((status: number) => status >= 400 && status < 500);
  const refusal = received.type === "respond" ? received.refusal : undefined;
  if (refusal === undefined) throw new Error(`${what ?? "a refusal"} names no reason`);
  expect(because === undefined ? refusalReasons : [because], what).toContain(refusal.reason);
  return refusal;
}

/** Without the sender's secret anyone could claim that the clock is wrong. */
async function expectSkew(harness: ReceiverHarness): Promise<void> {
  const receiver = await harness.open();
  const offMs = (Number(harness.subject.capabilities.toleranceSeconds) + 12) * 1_000;
  for (const direction of [1, -1]) {
    const signedAtMs = harness.clock.now() - direction * offMs;
    const { skewMs } = await expectRefusal(receiver, harness.request(harness.event, { signedAtMs }), {
      because: "timestamp_stale",
    });
    expect(Math.abs((skewMs ?? 0) - direction * offMs), "the skew in milliseconds").toBeLessThan(1_000);
    const forged = harness.request(harness.event, { signedAtMs, secret: "another-secret" });
    await expectRefusal(receiver, forged, { because: "signature_invalid" });
  }
}

/** Behind `direction` 1 lies the future. */
async function expectWindow(harness: ReceiverHarness, direction: 1 | -1): Promise<void> {
  const receiver = await harness.open();
  const toleranceMs = Number(harness.subject.capabilities.toleranceSeconds) * 1_000;
  const signedOff = (offMs: number) => harness.request(harness.event, { signedAtMs: harness.clock.now() + direction * offMs });
  expect((await receiver.receive(signedOff(toleranceMs - 1_000))).type).toBe(harness.eventType);
  await expectRefusal(receiver, signedOff(toleranceMs + 1_000));
  await expectRefusal(receiver, signedOff(365 * 86_400_000));
}

function garbageSignatures(sound: string, isOneEnough: boolean): readonly string[] {
  const [prefix = ""] = /^[^=,]{0,16}[=,](?=.{3})/.exec(sound) ?? [];
  return [
    "",
    "0",
    "=",
    prefix,
    sound.slice(0, -1),
    sound.slice(0, -2),
    `${sound}00`,
    ...(isOneEnough ? [] : [`${sound}, ${sound}`, `x${sound}`]),
    `${prefix}${"0".repeat(sound.length - prefix.length)}`,
    `${prefix}${"z".repeat(64)}`,
    `${prefix}${"ä".repeat(64)}`,
    "a".repeat(100_000),
  ];
}
