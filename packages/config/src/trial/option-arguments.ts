import { parse, TomlError } from "smol-toml";
import { newTable, type Table } from "../toml/parse-toml.ts";
import type { ConfigProblem } from "../check/problems.ts";
import { maxDepth } from "../toml/toml-path.ts";

/** Where a problem of an option of the command line is. */
export const optionFlag = "--option";

/** What begins as a value of another type than text does. A date is text that every option for dates reads. */
const isTyped = /^(?:[[{"']|(?:true|false|[+-]?\d[\d_]*(?:\.\d+)?)$)/;

/**
 * Options of an entry as `key=value`. A value is written as in the file, and text needs no quotes; `${…}` in it is left as it is. No problem
 * quotes an argument: it may be a secret.
 */
export function readOptionArguments(written: readonly string[]): {
  readonly table: Table;
  readonly problems: readonly ConfigProblem[];
} {
  const table = newTable();
  const problems: ConfigProblem[] = [];
  for (const argument of written) {
    const [, key, text] = /^([A-Za-z0-9_-]+)=([^]*)$/.exec(argument) ?? [];
    if (key === undefined || text === undefined) {
      problems.push({ path: optionFlag, message: "is not of the form key=value", hint: "write --option key=value" });
      continue;
    }
    const path = `${optionFlag} ${key}`;
    if (Object.hasOwn(table, key))
      problems.push({
        path,
        message: "is given twice",
        hint: `write it once; where it takes a list, as --option '${key}=["a", "b"]'`,
      });
    const value = readValue(text);
    if (value === undefined) {
      const hint = `write it in single quotes, so that the shell leaves it alone: --option '${key}=["a", "b"]'`;
      problems.push({ path, message: "begins like a list, a table or quoted text, but is not valid", hint });
    }
    table[key] = value;
  }
  return { table, problems };
}

/** Undefined when it is no TOML and begins as if it were. */
function readValue(text: string): unknown {
  if (!isTyped.test(text)) return text;
  try {
    return parse(`value = ${text}`, { maxDepth, integersAsBigInt: "asNeeded" })["value"];
  } catch (error) {
    if (error instanceof TomlError) return undefined;
    throw error;
  }
}
