import { describe, it } from "vitest";
import { answerCases } from "./answer-cases.ts";
import { clockCases } from "./clock-cases.ts";
import type { ConnectorCase, SubjectTraits } from "./connector-case.ts";
import { contractCases } from "./contract-cases.ts";
import type { ConnectorSubject } from "./connector-subject.ts";
import { endingCases } from "./ending-cases.ts";
import { faultCases } from "./fault-cases.ts";
import { lastingCases } from "./lasting-cases.ts";
import { listCases } from "./list-cases.ts";
import { partCases } from "./part-cases.ts";
import { PullHarness } from "./pull-harness.ts";
import { socketCases } from "./socket-cases.ts";
import { walkCases } from "./walk-cases.ts";

const allCases: readonly ConnectorCase[] = [
  ...walkCases,
  ...listCases,
  ...partCases,
  ...faultCases,
  ...answerCases,
  ...socketCases,
  ...clockCases,
  ...endingCases,
  ...contractCases,
  ...lastingCases,
];

/** Every case that such a pull has to keep, for running them by hand. */
export function connectorCasesFor(traits: SubjectTraits): readonly ConnectorCase[] {
  return allCases.filter(({ holdsFor }) => holdsFor?.(traits) !== false);
}

/** Runs one case on a fixture of its own; rejects when the promise is broken. `onLack` hears what the connector has not, so that nothing was tested. */
export async function runConnectorCase(
  connectorCase: ConnectorCase,
  subject: ConnectorSubject,
  onLack: (what: string) => void = () => undefined,
): Promise<void> {
  const fixture = await subject.open();
  const harness = new PullHarness(subject, fixture);
  try {
    await connectorCase.run(harness);
    if (harness.lacking !== undefined) onLack(harness.lacking);
  } finally {
    await fixture.close?.();
  }
}

/**
 * What every pull keeps, as tests. A connector calls it in `conformance.test.ts`, with its provider as a server of its own or as a folder. The
 * suite stands between both, at `context.fetch` or at a proxy: there it counts requests and makes them fail.
 */
export function describeConnector(subject: ConnectorSubject): void {
  describe(`${subject.connector.kind} keeps the pull contract`, () => {
    for (const connectorCase of connectorCasesFor(subject)) {
      it(connectorCase.title, { timeout: 60_000 }, (context) =>
        runConnectorCase(connectorCase, subject, (what) => context.skip(`it has no ${what}`)),
      );
    }
  });
}
