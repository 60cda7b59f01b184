import * as v from "valibot";
import { runnerTable, statewaveTable } from "./schema/index.ts";

/** The table of the file in which a key is set, such as `[runner]` for `port`. Undefined: neither of those that every file may have, or a table itself. */
export function settingTable(key: string): "[runner]" | "[statewave]" | undefined {
  if (isSetting(key, runnerTable.entries)) return "[runner]";
  return isSetting(key, statewaveTable.entries) ? "[statewave]" : undefined;
}

/** Only a table has an object for its default. */
function isSetting(key: string, entries: v.ObjectEntries): boolean {
  const entry = Object.hasOwn(entries, key) ? entries[key] : undefined;
  return entry !== undefined && typeof v.getDefault(entry) !== "object";
}
