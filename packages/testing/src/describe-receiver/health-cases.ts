import { expect } from "vitest";
import type { ReceiverCase } from "./receiver-case.ts";
import type { ReceiverBench } from "./receiver-bench.ts";

/** What a receiver says of its source's health, which `/readyz` shows to everyone. */
export const healthCases: readonly ReceiverCase[] = [
  {
    title: "tells a loss for those samples that declare one, in a sentence with a code of its own and a hint, and for no other",
    async run(bench) {
      for (const sample of bench.member.samples) {
        const receiver = await bench.open();
        const before = bench.health.length;
        await receiver.receive(bench.request(sample));
        const told = bench.health.slice(before);
        expect(
          told.some(({ ok }) => !ok),
          `${sample.name} tells a loss`,
        ).toBe(sample.tellsLoss ?? false);
        for (const health of told) {
          if (health.ok) continue;
          expect(health.code.slice(0, bench.codePrefix.length), sample.name).toBe(bench.codePrefix);
          expect(health.code.slice(bench.codePrefix.length), sample.name).toMatch(/^[A-Z0-9_]+$/);
          expect([health.message, health.hint], sample.name).not.toContain("");
          for (const secret of [bench.secret, bench.signatureOf(sample)]) expect(JSON.stringify(health)).not.toContain(secret);
        }
      }
    },
  },
  {
    title: "believes nobody about its source's health who does not sign",
    async run(bench) {
      for (const sample of bench.member.samples) await tryUnsigned(bench, sample);
      expect(bench.health).toEqual([]);
    },
  },
];

async function tryUnsigned(bench: ReceiverBench, sample: ReceiverBench["event"]): Promise<void> {
  const unsigned = { [bench.member.capabilities.signatureHeader]: undefined };
  const receiver = await bench.open();
  await receiver.receive(bench.request(sample, { headers: unsigned }));
  await receiver.receive(bench.request(sample, { secret: "another-secret" }));
}
