import { type JsonSchema, toJsonSchema } from "@statewave-connectors/connector-sdk/schema";
import * as v from "valibot";
import { defaultKind } from "../adapters/bundled-adapters.ts";

/** What the package of a store or an inbox exports. */
interface DeclaringOpener {
  readonly config?: unknown;
}

/**
 * `[runner.state]` or `[runner.inbox]`: every option of every kind, and for each kind which of them it has. `inherits`: without a kind, it has
 * that of the state.
 */
export function adapterTable(
  common: JsonSchema,
  openers: ReadonlyMap<string, DeclaringOpener>,
  { inherits }: { readonly inherits: boolean },
): JsonSchema {
  const kinds = [...openers].map(([kind, { config }]) => ({ kind, table: toJsonSchema(config) }));
  const properties = tableOf(common["properties"]);
  const optionsOf = (table: JsonSchema) => tableOf(table["properties"]);
  const all: JsonSchema = Object.assign({}, ...kinds.map(({ table }) => optionsOf(table)));
  const isClosed = kinds.every(({ table }) => table["additionalProperties"] === false);
  return {
    ...common,
    properties: { ...all, ...properties, kind: kindOf(properties["kind"], [...openers.keys()]) },
    additionalProperties: !isClosed,
    allOf: kinds.map(({ kind, table }) => {
      const own = optionsOf(table);
      const foreign =
        table["additionalProperties"] === false ? Object.keys(all).filter((key) => !(key in own) && !(key in properties)) : [];
      return {
        if: isOfKind(kind, inherits),
        // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema
        then: {
          properties: { ...own, ...Object.fromEntries(foreign.map((key) => [key, false])) },
          ...(Array.isArray(table["required"]) && { required: table["required"] as readonly unknown[] }),
        },
      };
    }),
  };
}

function kindOf(schema: unknown, kinds: readonly string[]): JsonSchema {
  const { description, default: fallback } = tableOf(schema);
  return { description, ...(fallback !== undefined && { default: fallback }), ...toJsonSchema(v.picklist(kinds)) };
}

function isOfKind(kind: string, inherits: boolean): JsonSchema {
  const named = { properties: { kind: { const: kind } }, required: ["kind"] };
  return kind === defaultKind && !inherits ? { anyOf: [named, { not: { required: ["kind"] } }] } : named;
}

function tableOf(value: unknown): JsonSchema {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
