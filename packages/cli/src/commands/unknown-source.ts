import type { ConnectorsConfig } from "@statewave-connectors/config";
import { ConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";

/** Whether a pull entry has this kind and name. */
export function hasPullEntry(source: SourceKey, { pull }: Pick<ConnectorsConfig, "pull">): boolean {
  return pull.some((entry) => formatSourceKey(entry) === formatSourceKey(source));
}

/** For a source that no pull entry has. `otherwise`: what else can be done, behind the hint. */
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
