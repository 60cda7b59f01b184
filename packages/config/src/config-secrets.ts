import { leavesOf } from "./check-table.ts";
import type { ConnectorsConfig } from "./connectors-config.ts";
import { provenanceOf, secretName } from "./provenance.ts";
import { passwordsOf } from "./user-info.ts";

/** Every secret value of the config, for a log redactor: what schemas mark, our own keys and tokens, passwords inside URLs. */
export function configSecrets(config: ConnectorsConfig): readonly string[] {
  const { statewave, runner } = config;
  const entries = [...config.pull, ...config.push].map((entry) => provenanceOf(entry));
  const adapters = [runner.state.options, runner.inbox.options];
  // Named like secrets: our own tables and the options of stores have no marks.
  const named = [statewave, runner.metrics.auth, ...adapters].flatMap((table) =>
    Object.entries(table).flatMap(([key, value]) => (secretName.test(key) ? textsOf(value) : [])),
  );
  const marked = entries.flatMap((entry) => entry?.secrets ?? []);
  const places = [statewave.url, ...adapters, ...entries.map((entry) => entry?.written)];
  const passwords = places.flatMap(textsOf).flatMap(passwordsOf);
  return [...new Set([...named, ...marked, ...passwords])].filter((text) => text !== "");
}

function textsOf(value: unknown): readonly string[] {
  return leavesOf(value, []).map((leaf) => leaf.text);
}
