import { describe, it } from "vitest";
import { healthCases } from "./health-cases.ts";
import { hostileCases } from "./hostile-cases.ts";
import { mappingCases } from "./mapping-cases.ts";
import { ReceiverHarness } from "./receiver-harness.ts";
import type { ReceiverCase } from "./receiver-case.ts";
import type { ReceiverCapabilities, ReceiverSubject } from "./receiver-subject.ts";
import { sampleCases } from "./sample-cases.ts";
import { signatureCases } from "./signature-cases.ts";
import { storingCases } from "./storing-cases.ts";

const allCases: readonly ReceiverCase[] = [
  ...signatureCases,
  ...hostileCases,
  ...storingCases,
  ...mappingCases,
  ...sampleCases,
  ...healthCases,
];

/** Every case that such a receiver has to keep, for running them by hand. */
export function receiverCasesFor(capabilities: ReceiverCapabilities): readonly ReceiverCase[] {
  return allCases.filter(({ holdsFor }) => holdsFor?.(capabilities) !== false);
}

/** Runs one case on receivers of its own; rejects when the promise is broken. */
export async function runReceiverCase(receiverCase: ReceiverCase, subject: ReceiverSubject): Promise<void> {
  await receiverCase.run(new ReceiverHarness(subject));
}

/** What every receiver keeps, as tests. A connector calls it in `conformance.test.ts`. Nothing waits, nothing leaves the process. */
export function describeReceiver(subject: ReceiverSubject): void {
  describe(`${subject.connector.kind} keeps the receiver contract`, () => {
    for (const receiverCase of receiverCasesFor(subject.capabilities)) {
      it(receiverCase.title, { timeout: 60_000 }, () => runReceiverCase(receiverCase, subject));
    }
  });
}
