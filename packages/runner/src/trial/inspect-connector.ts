import type { ConfigSchema, Connector, ConnectorContext } from "@statewave-connectors/connector-sdk";
import { capabilitiesOf, type Capability, silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { starterOptions } from "@statewave-connectors/connector-sdk/schema";
import { storageInMemory } from "@statewave-connectors/connector-sdk/store";

/** What a connector is able to do. */
export interface ConnectorAbilities {
  readonly capabilities: readonly Capability[];
  /** False: of a direction whose entry needs more than its examples, only what the connector declares is known. */
  readonly isWhole: boolean;
}

/**
 * What a connector is able to do, with what only an opened entry shows. The entries are opened with the examples of their schemas and with
 * credentials that are none; opening sends no request, and any that a connector tried would fail.
 */
export async function inspectConnector(connector: Connector, baseDir: string): Promise<ConnectorAbilities> {
  const { kind, pull, push } = connector;
  const context = contextOf(kind, baseDir);
  const [pullOptions, pushOptions] = await Promise.all([exampleOptions(pull?.config), exampleOptions(push?.config)]);
  const opened = {
    pull: pullOptions && openedOrNot(() => pull?.open(pullOptions.value, context)),
    push: pushOptions && openedOrNot(() => push?.open(pushOptions.value, context)),
  };
  const isWhole = (pull === undefined || opened.pull !== undefined) && (push === undefined || opened.push !== undefined);
  return { capabilities: capabilitiesOf(connector, opened), isWhole };
}

/** It is masked from then on, as every secret is, and so must not be a word. */
const noCredential = "no-credential-3f9c1b7e";

/** What a schema makes of its examples; undefined when it wants more. */
async function exampleOptions(schema: ConfigSchema | undefined): Promise<{ readonly value: unknown } | undefined> {
  if (schema === undefined) return undefined;
  const examples = starterOptions(schema).map(({ key, example = noCredential }) => [key, example]);
  const result = await schema["~standard"].validate(Object.fromEntries(examples));
  return result.issues === undefined ? { value: result.value } : undefined;
}

function openedOrNot<Opened>(open: () => Opened): Opened | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}

function contextOf(kind: string, baseDir: string): ConnectorContext {
  return {
    source: { kind, name: "example" },
    baseDir,
    clock: systemClock,
    random: Math.random,
    fetch: () => Promise.reject(new TypeError("an inspected connector has no network")),
    logger: silentLogger,
    reportHealth: () => undefined,
    storage: storageInMemory(systemClock),
  };
}
