import { runnerTable, statewaveTable } from "./schema/index.ts";

/** The table of the file in which a key is set, such as `[runner]` for `port`. Undefined: neither of those that every file may have. */
export function settingTable(key: string): "[runner]" | "[statewave]" | undefined {
  if (Object.hasOwn(runnerTable.entries, key)) return "[runner]";
  return Object.hasOwn(statewaveTable.entries, key) ? "[statewave]" : undefined;
}
