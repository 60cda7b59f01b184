import type { ConnectorsConfig } from "@statewave-connectors/config";
import { ConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";

/** Whether a pull entry has this kind and name. */
export function hasPullEntry(source: SourceKey, { pull }: Pick<ConnectorsConfig, "pull">): boolean {
  return pull.some((entry) => formatSourceKey(entry) === formatSourceKey(source));
}

/** The error for a source without a pull entry. `otherwise`: what else can be done, after the hint. */
export async function unknownSource(
  source: SourceKey,
  { pull }: Pick<ConnectorsConfig, "pull">,
  otherwise = "",
): Promise<ConnectorsError> {
  const { entryNamesOf, unknownEntry } = await import("@statewave-connectors/runner/entries");
  const { code, message, hint = "" } = unknownEntry({ direction: "pull", source }, entryNamesOf({ pull, push: [] }));
  return new ConnectorsError({ code, message, hint: `${hint}${otherwise}` });
}
