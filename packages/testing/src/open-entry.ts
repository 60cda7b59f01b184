import type { Clock, ConfigSchema, ConnectorContext, ReportHealth } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";

/** What an entry's options become in the connector's schema, as when the configuration is loaded. Throws what the schema finds wrong. */
export async function validateOptions<Config>(
  schema: ConfigSchema<Config>,
  options: Readonly<Record<string, unknown>>,
): Promise<Config> {
  const result = await schema["~standard"].validate(options);
  if (result.issues === undefined) return result.value;
  throw new Error(`the options are refused: ${result.issues.map((issue) => issue.message).join("; ")}`);
}

/** The context of an entry named `conformance`. */
export function entryContext(
  kind: string,
  given: {
    readonly clock: Clock;
    readonly fetch: typeof globalThis.fetch;
    readonly baseDir?: string | undefined;
    readonly reportHealth?: ReportHealth | undefined;
  },
): ConnectorContext {
  return {
    source: { kind, name: "conformance" },
    baseDir: given.baseDir ?? "/nowhere",
    clock: given.clock,
    random: () => 0.5,
    fetch: given.fetch,
    logger: silentLogger,
    reportHealth: given.reportHealth ?? (() => undefined),
  };
}
