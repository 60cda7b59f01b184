import type { ConnectorsConfig } from "@statewave-connectors/config";
import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";

/** By configuration: looking through all receivers for each of 10,000 sources takes seconds. */
const twins = new WeakMap<Pick<ConnectorsConfig, "push">, ReadonlySet<string>>();

/** Whether a receiver names this source as its twin. */
export function isTwin(source: SourceKey, config: Pick<ConnectorsConfig, "push">): boolean {
  let known = twins.get(config);
  if (known === undefined) {
    known = new Set(config.push.flatMap(({ kind, pull }) => (pull === undefined ? [] : formatSourceKey({ kind, name: pull }))));
    twins.set(config, known);
  }
  return known.has(formatSourceKey(source));
}
