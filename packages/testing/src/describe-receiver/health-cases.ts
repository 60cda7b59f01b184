import { expect } from "vitest";
import type { ReceiverCase } from "./receiver-case.ts";
import type { ReceiverHarness } from "./receiver-harness.ts";

/** What a receiver says of its source's health, which `/readyz` shows to everyone. */
export const healthCases: readonly ReceiverCase[] = [
  {
    title: "reports a loss for those samples that declare one, in a sentence with a code of its own and a hint, and for no other",
    async run(harness) {
      for (const sample of harness.subject.samples) {
        const receiver = await harness.open();
        const before = harness.health.length;
        await receiver.receive(harness.request(sample));
        const told = harness.health.slice(before);
        expect(
          told.some(({ ok }) => !ok),
          `${sample.name} reports a loss`,
        ).toBe(sample.tellsLoss ?? false);
        for (const health of told) {
          if (health.ok) continue;
          expect(health.code.slice(0, harness.codePrefix.length), sample.name).toBe(harness.codePrefix);
          expect(health.code.slice(harness.codePrefix.length), sample.name).toMatch(/^[A-Z0-9_]+$/);
          expect([health.message, health.hint], sample.name).not.toContain("");
          for (const secret of [harness.secret, harness.signatureOf(sample)])
            expect(JSON.stringify(health)).not.toContain(secret);
        }
      }
    },
  },
  {
    title: "changes its source's health for signed deliveries only",
    async run(harness) {
      for (const sample of harness.subject.samples) await tryUnsigned(harness, sample);
      expect(harness.health).toEqual([]);
    },
  },
];

async function tryUnsigned(harness: ReceiverHarness, sample: ReceiverHarness["event"]): Promise<void> {
  const unsigned = { [harness.subject.capabilities.signatureHeader]: undefined };
  const receiver = await harness.open();
  await receiver.receive(harness.request(sample, { headers: unsigned }));
  await receiver.receive(harness.request(sample, { secret: "another-secret" }));
}
