import type { InferOutput } from "valibot";
import type { RawEntry } from "./check-entries.ts";
import type { privacyTable } from "../schema/privacy-table.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { ProblemList } from "./problems.ts";
import type { TomlPath } from "../toml/toml-path.ts";

/** The rules that need no pattern. A copy, so that a configuration without redaction loads nothing of it; a test keeps it equal. */
export const builtInRules: readonly string[] = ["secrets", "email", "phone", "card"];

/** Checks own rules and the names in `[privacy] redact`; answers the names of all rules. */
export async function checkPrivacy(
  privacy: InferOutput<typeof privacyTable> | undefined,
  problems: ProblemList,
): Promise<readonly string[]> {
  const rules = privacy?.rule ?? [];
  const seen = new Set(builtInRules);
  for (const [index, { name, pattern }] of rules.entries()) {
    const at = ["privacy", "rule", index];
    if (seen.has(name)) problems.add([...at, "name"], `the name ${name} is taken`, "give each rule its own name");
    seen.add(name);
    const problem = await problemOf(pattern);
    if (problem !== undefined)
      problems.add([...at, "pattern"], problem, "write a pattern of RE2: it has no look-around and no back-references");
  }
  const names = [...seen];
  addUnknown(privacy?.redact ?? [], names, ["privacy", "redact"], problems);
  return names;
}

/** Checks the names that entries list. What is no list of text is reported with the other keys. */
export function checkRuleNames(entries: readonly RawEntry[], names: readonly string[], problems: ProblemList): void {
  for (const { table, at } of entries) {
    const listed: unknown = table["redact"];
    if (Array.isArray(listed)) addUnknown(listed, names, [...at, "redact"], problems);
  }
}

function addUnknown(listed: readonly unknown[], names: readonly string[], at: TomlPath, problems: ProblemList): void {
  for (const [index, name] of listed.entries()) {
    if (typeof name !== "string" || names.includes(name)) continue;
    const meant = didYouMean(name, names);
    const hint =
      meant === undefined ? `write one of ${names.join(", ")}, or add a [[privacy.rule]] of this name` : `did you mean ${meant}?`;
    problems.add([...at, index], "there is no redaction rule of this name", hint);
  }
}

async function problemOf(pattern: string): Promise<string | undefined> {
  const { patternProblem } = await import("@statewave-connectors/redact");
  return patternProblem(pattern);
}
