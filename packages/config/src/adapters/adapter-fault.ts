import { contractError } from "@statewave-connectors/connector-sdk/host";
import { isTable } from "@statewave-connectors/connector-sdk/schema";

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
    const wrong = Object.entries(optionalMembers).find(([name, { fits }]) => !fits(declaration[name]));
    if (wrong !== undefined) return `has a ${direction} whose ${wrong[0]} is not ${wrong[1].expected}`;
  }
  return undefined;
}

interface Member {
  readonly expected: string;
  readonly fits: (member: unknown) => boolean;
}

const aFunction: Member = {
  expected: "a function",
  fits: (member) => member === undefined || typeof member === "function",
};

/** What a declaration may have besides `open` and `config`. */
const optionalMembers: Readonly<Record<string, Member>> = {
  rights: {
    expected: "a list of { name, for }",
    fits: (member) => member === undefined || (Array.isArray(member) && member.every(isRight)),
  },
  maxBodyBytes: {
    expected: "a number of bytes",
    fits: (member) => member === undefined || (Number.isSafeInteger(member) && Number(member) > 0),
  },
  streams: aFunction,
  seed: aFunction,
  resetStream: aFunction,
  samples: aFunction,
};

function isRight(right: unknown): boolean {
  return isTable(right) && typeof right["name"] === "string" && typeof right["for"] === "string";
}

function isSchema(config: unknown): boolean {
  // Some libraries make their schemas callable.
  if ((typeof config !== "object" && typeof config !== "function") || config === null || !("~standard" in config)) return false;
  return isTable(config["~standard"]) && typeof config["~standard"]["validate"] === "function";
}
