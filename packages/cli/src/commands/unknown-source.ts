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
  const { nameHint } = await import("@statewave-connectors/runner/entries");
  return new ConnectorsError({
    code: "PULL_UNKNOWN_SOURCE",
    message: `there is no [[pull.${source.kind}]] entry named "${source.name}"`,
    hint: `${nameHint(formatSourceKey(source), pull.map(formatSourceKey))}${otherwise}`,
  });
}
