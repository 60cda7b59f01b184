import { leavesOf } from "./check-table.ts";
import type { ConnectorsConfig } from "./connectors-config.ts";
import { provenanceOf, secretName } from "./provenance.ts";
import { passwordsOf } from "./user-info.ts";

/** Every secret value of the config, for a log redactor: what schemas mark, our own keys and tokens, passwords inside URLs. */
export function configSecrets(config: ConnectorsConfig): readonly string[] {
  const { statewave, runner } = config;
  const owners = [...config.pull, ...config.push, runner.state, runner.inbox].map((owner) => provenanceOf(owner));
  const adapters = [runner.state.options, runner.inbox.options];
  // Named like secrets: our own tables have no marks, and the options of stores may have none.
  const named = [statewave, runner.metrics.auth, runner.admin ?? {}, ...adapters].flatMap((table) =>
    Object.entries(table).flatMap(([key, value]) => (secretName.test(key) ? textsOf(value) : [])),
  );
  const marked = owners.flatMap((owner) => owner?.secrets ?? []);
  const places = [statewave.url, ...adapters, ...owners.map((owner) => owner?.written)];
  const passwords = places.flatMap(textsOf).flatMap(passwordsOf);
  return [...new Set([...named, ...marked, ...passwords])].filter((text) => text !== "");
}

function textsOf(value: unknown): readonly string[] {
  return leavesOf(value, []).map((leaf) => leaf.text);
}
