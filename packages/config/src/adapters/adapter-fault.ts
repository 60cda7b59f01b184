import { contractError } from "@statewave-connectors/connector-sdk/host";
import { isTable } from "@statewave-connectors/connector-sdk/options";

/** Why this is not what a store's or an inbox's package exports; undefined when it is. */
export function openerFault(exported: unknown): string | undefined {
  if (typeof exported !== "function") return "is not a function";
  return "config" in exported && !isSchema(exported.config) ? "has a config that is not a Standard Schema" : undefined;
}

/**
 * Throws `CONFIG_CONTRACT_UNSUPPORTED` for a connector that was made for another contract. It comes before every other look at a connector: another
 * contract may give it another shape.
 */
export function requireContract(exported: unknown): void {
  const error = isTable(exported) ? contractError(exported) : undefined;
  if (error !== undefined) throw error;
}

/** Why this is not a connector of `kind`; undefined when it is. */
export function connectorFault(exported: unknown, kind: string): string | undefined {
  if (!isTable(exported)) return "is not a connector";
  if (exported["kind"] !== kind) return `is of kind ${JSON.stringify(exported["kind"]) ?? "undefined"}`;
  if (typeof exported["version"] !== "string") return "has no version";
  if (exported["pull"] === undefined && exported["push"] === undefined) return "has neither pull nor push";
  for (const direction of ["pull", "push"]) {
    const declaration = exported[direction];
    if (declaration === undefined) continue;
    if (!isTable(declaration) || typeof declaration["open"] !== "function") return `has a ${direction} without an open function`;
    if (!isSchema(declaration["config"])) return `has a ${direction} whose config is not a Standard Schema`;
  }
  return undefined;
}

function isSchema(config: unknown): boolean {
  // Some libraries make their schemas callable.
  if ((typeof config !== "object" && typeof config !== "function") || config === null || !("~standard" in config)) return false;
  return isTable(config["~standard"]) && typeof config["~standard"]["validate"] === "function";
}
