import type { ConnectorsConfig } from "@statewave-connectors/config";
import { effectiveRules } from "@statewave-connectors/config/result";
import type { MapText } from "./map-texts.ts";

/**
 * Replaces private data in texts for a reader outside of the deployment, such as an agent: by the rules of all entries, because one text may
 * quote several of them, and always by the rule for secrets. Without a configuration: by every built-in rule.
 */
export async function redactionForOutsiders(config: ConnectorsConfig | undefined): Promise<MapText> {
  const { builtInRules, openRedactor } = await import("@statewave-connectors/redact");
  const names = new Set<string>(config === undefined ? builtInRules : ["secrets", ...configuredRules(config)]);
  const redactor = await openRedactor({
    builtIn: builtInRules.filter((name) => names.has(name)),
    own: (config?.privacy?.rules ?? []).filter(({ name }) => names.has(name)),
  });
  return (text, name) => (name === "" ? redactor.redact(text) : redactor.redactField(name, text));
}

function configuredRules(config: ConnectorsConfig): readonly string[] {
  const { everywhere, bySource } = effectiveRules(config);
  return [...everywhere, ...[...bySource.values()].flat()];
}
