import type { Connector } from "@statewave-connectors/connector-sdk";
import { type JsonSchema, mergeTables, toJsonSchema } from "@statewave-connectors/connector-sdk/schema";
import type { AdapterExports } from "../adapters/given-adapters.ts";
import { pullEntryTable, pushEntryTable } from "../schema/entry-tables.ts";
import { notifyTable } from "../schema/notify-table.ts";
import { privacyTable } from "../schema/privacy-table.ts";
import { runnerTable } from "../schema/runner-table.ts";
import { inboxTable, stateTable } from "../schema/state-tables.ts";
import { statewaveTable } from "../schema/statewave-table.ts";
import { adapterTable } from "./adapter-table.ts";

/** What a file may name. */
export interface SchemaParts {
  readonly connectors: readonly Connector[];
  readonly cursorStores: ReadonlyMap<string, AdapterExports["cursor-store"]>;
  readonly inboxes: ReadonlyMap<string, AdapterExports["inbox"]>;
}

/**
 * The configuration file as a JSON Schema, of the same schemas that check it. A file that it takes may still be refused: which options belong
 * together is checked by `validate-config`.
 */
export function configJsonSchema({ connectors, cursorStores, inboxes }: SchemaParts): JsonSchema {
  const runner = toJsonSchema(runnerTable);
  const state = adapterTable(toJsonSchema(stateTable), cursorStores, { inherits: false });
  const inbox = adapterTable(toJsonSchema(inboxTable), inboxes, { inherits: true });
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "The configuration of statewave-connectors",
    type: "object",
    properties: {
      include: {
        description: "Files with further entries, relative to this one.",
        type: "array",
        items: { type: "string", minLength: 1 },
      },
      statewave: described("Where episodes go.", toJsonSchema(statewaveTable)),
      runner: described("The process: its port, its state, its limits.", {
        ...runner,
        properties: { ...propertiesOf(runner), state, inbox },
      }),
      privacy: described("What is replaced in episodes before they leave the process.", toJsonSchema(privacyTable)),
      notify: {
        description: "Where a message is sent when something goes wrong, and when it is over.",
        type: "array",
        items: toJsonSchema(notifyTable),
      },
      connectors: {
        description: "Packages or paths of kinds whose package has another name than usual.",
        type: "object",
        additionalProperties: { type: "string", minLength: 1 },
      },
      pull: entryLists("pull", pullEntryTable, connectors),
      push: entryLists("push", pushEntryTable, connectors),
    },
    required: ["statewave"],
    additionalProperties: false,
  };
}

const directions = {
  pull: "Sources that are read on a schedule.",
  push: "Receivers of webhooks.",
} as const;

function entryLists(direction: "pull" | "push", common: unknown, connectors: readonly Connector[]): JsonSchema {
  const lists = connectors.flatMap((connector) => {
    const declaration = connector[direction];
    if (declaration === undefined) return [];
    const items = mergeTables([toJsonSchema(common), ownOptions(declaration.config)]);
    return [
      [connector.kind, { description: `An entry: \`[[${direction}.${connector.kind}]]\`.`, type: "array", items }] as const,
    ];
  });
  return {
    description: directions[direction],
    type: "object",
    properties: Object.fromEntries(lists),
    additionalProperties: false,
  };
}

/** A schema of another library shows no keys: an editor then knows the common ones, and takes any other. */
function ownOptions(config: unknown): JsonSchema {
  const table = toJsonSchema(config);
  return table["type"] === "object" ? table : { type: "object", properties: {}, additionalProperties: true };
}

function described(description: string, schema: JsonSchema): JsonSchema {
  return { description, ...schema };
}

function propertiesOf(table: JsonSchema): JsonSchema {
  const { properties } = table;
  return typeof properties === "object" && properties !== null ? { ...properties } : {};
}
