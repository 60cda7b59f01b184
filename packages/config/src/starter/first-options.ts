import type { ConfigSchema } from "@statewave-connectors/connector-sdk";
import { type OptionDescription, starterOptions } from "@statewave-connectors/connector-sdk/schema";
import type { Table } from "../toml/parse-toml.ts";

/** Stands for a value that is not known yet. */
const placeholder = "unknown-yet";

/**
 * The options that a first entry states besides those that are given: what must be given, and what the schema suggests. Suggestions are left
 * out where they contradict what is given: options that choose one way to sign in take no other.
 */
export function firstOptions(schema: unknown, given: Table): ReadonlySet<string> {
  const missing = starterOptions(schema).filter(({ key }) => !Object.hasOwn(given, key));
  const required = missing.filter((option) => option.required);
  const isContradicted =
    required.length < missing.length &&
    isValid(schema, withPlaceholders(given, required)) &&
    !isValid(schema, withPlaceholders(given, missing));
  return new Set((isContradicted ? required : missing).map(({ key }) => key));
}

function withPlaceholders(given: Table, options: readonly OptionDescription[]): Table {
  const filled = options.map(({ key, example = placeholder, type }) => [
    key,
    type.startsWith("list") ? [example].flat() : example,
  ]);
  return { ...given, ...Object.fromEntries(filled) };
}

/** A schema that answers later says nothing here. */
function isValid(schema: unknown, value: Table): boolean {
  const result = (schema as Partial<ConfigSchema>)["~standard"]?.validate(value);
  return result !== undefined && !(result instanceof Promise) && result.issues === undefined;
}
