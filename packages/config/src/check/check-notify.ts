import { isTable } from "@statewave-connectors/connector-sdk/schema";
import type { InferOutput } from "valibot";
import { notifyTable } from "../schema/notify-table.ts";
import type { Table } from "../toml/parse-toml.ts";
import { below } from "../toml/toml-path.ts";
import { type CheckContext, checkTable } from "./check-table.ts";

/** Checks the `[[notify]]` entries of a file; what is wrong with them is among the problems. */
export async function checkNotify(root: Table, context: CheckContext): Promise<readonly InferOutput<typeof notifyTable>[]> {
  const { problems } = context;
  const list = root["notify"] ?? [];
  if (!Array.isArray(list) || !list.every(isTable)) {
    problems.add(["notify"], "expected a list of tables", "write [[notify]] with two brackets, and its keys below");
    return [];
  }
  const names = new Set<unknown>();
  const checked: InferOutput<typeof notifyTable>[] = [];
  for (const [index, table] of list.entries()) {
    const at = ["notify", index];
    const { value } = await checkTable(notifyTable, table, below(at), context);
    const name = table["name"];
    if (name !== undefined && names.has(name))
      problems.add([...at, "name"], "another [[notify]] has this name", "give each its own name");
    names.add(name);
    if (value !== undefined) checked.push(value);
  }
  return checked;
}
