import type { ConnectorsConfig } from "@statewave-connectors/config";
import type { SourceKey } from "@statewave-connectors/connector-sdk";

/**
 * For a list that is empty: throws `RUNNER_ENTRY_UNKNOWN` for a source that was mistyped. One that has left the configuration may still have
 * what is listed.
 */
export async function requireSource(source: SourceKey | undefined, config: ConnectorsConfig): Promise<void> {
  if (source === undefined) return;
  const { entryNamesOf, requireEntry } = await import("@statewave-connectors/runner/entries");
  requireEntry({ source }, entryNamesOf(config));
}
