import { basename } from "node:path";
import { comment, line, type Table } from "@statewave-connectors/config/file";
import type { OptionNote } from "./convert-options.ts";
import type { EntryPlan } from "./plan-entries.ts";
import type { TablesPlan } from "./plan-tables.ts";

/** The text of the new file. */
export function writeToml(
  { statewave, runner, state, metrics }: TablesPlan,
  entries: readonly EntryPlan[],
  from: string,
): string {
  const blocks = [
    comment(
      `Written by \`statewave-connectors migrate\` from ${basename(from)}. \`statewave-connectors validate-config\` checks it. ` +
        "Secrets are not in this file: ${NAME} is read from the environment.",
    ),
    block("[statewave]", statewave),
    block("[runner]", runner),
    comment("A new place: the cursors of the earlier runner are left as they are.") + block("[runner.state]", state),
    ...(Object.keys(metrics).length === 0 ? [] : [block("[runner.metrics]", metrics)]),
    ...entries.map(entryBlock),
  ];
  return blocks.join("\n");
}

function entryBlock({ direction, kind, name, impossible, table, notes, isMade }: EntryPlan): string {
  if (impossible !== undefined)
    return comment(`[[${direction}.${kind}]] ${JSON.stringify(name)} is not possible: ${impossible}.`);
  const made = isMade === true ? comment(madeText) : "";
  return made + notes.map((note) => comment(noteText(note))).join("") + block(`[[${direction}.${kind}]]`, table);
}

/** What is said of an entry that the earlier file does not have. */
export const madeText =
  "Added: the receiver of this name held the settings of a pull entry, and this one reads what its notifications report.";

function block(head: string, table: Table): string {
  return `${head}\n${Object.entries(table)
    .map(([key, value]) => line(key, value))
    .join("")}`;
}

/** What became of an option, in a sentence without its value. */
export function noteText({ option, to = option, fate, hadEffect, why }: OptionNote): string {
  const renamed = to === option ? `\`${option}\`` : `\`${option}\` is \`${to}\` here`;
  switch (fate) {
    case "added":
      return `\`${option}\` is required here, and the earlier file has none.`;
    case "left out":
      return `\`${option}\` is left out: ${why ?? "there is no such option here"}${hadEffect ? "" : "; the earlier runner ignored it"}.`;
    case "kept":
      if (hadEffect) return `${renamed}.`;
      return to === option
        ? `${renamed} was ignored by the earlier runner, and takes effect here.`
        : `${renamed}; the earlier runner ignored it, and here it takes effect.`;
  }
}
