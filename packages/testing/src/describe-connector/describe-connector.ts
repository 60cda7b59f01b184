import { describe, it } from "vitest";
import type { ConnectorCase } from "./connector-case.ts";
import { contractCases } from "./contract-cases.ts";
import type { ConnectorUnderTest } from "./connector-under-test.ts";
import { endingCases } from "./ending-cases.ts";
import { faultCases } from "./fault-cases.ts";
import { PullBench } from "./pull-bench.ts";
import { walkCases } from "./walk-cases.ts";

const allCases: readonly ConnectorCase[] = [...walkCases, ...faultCases, ...endingCases, ...contractCases];

/** Every case that a pull from such a provider has to keep, for running them by hand. */
export function connectorCasesFor(provider: ConnectorUnderTest["provider"]): readonly ConnectorCase[] {
  return allCases.filter(({ holdsFor }) => holdsFor?.(provider) !== false);
}

/** Runs one case on a world of its own; rejects when the promise is broken. `onLack` hears what the connector has not, so that nothing was tested. */
export async function runConnectorCase(
  connectorCase: ConnectorCase,
  member: ConnectorUnderTest,
  onLack: (what: string) => void = () => undefined,
): Promise<void> {
  const world = await member.open();
  const bench = new PullBench(member, world);
  try {
    await connectorCase.run(bench);
    if (bench.lacking !== undefined) onLack(bench.lacking);
  } finally {
    await world.close?.();
  }
}

/**
 * What every pull keeps, as tests. A connector calls it in `conformance.test.ts`, with its provider as a server of its own or as a folder. The
 * suite stands between both, at `context.fetch`: there it counts requests and makes them fail.
 */
export function describeConnector(member: ConnectorUnderTest): void {
  describe(`${member.connector.kind} keeps the pull contract`, () => {
    for (const connectorCase of connectorCasesFor(member.provider)) {
      it(connectorCase.title, { timeout: 60_000 }, (context) =>
        runConnectorCase(connectorCase, member, (what) => context.skip(`it has no ${what}`)),
      );
    }
  });
}
