import { type CheckResult, describeError } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { Diagnosis, EntryCheck, Finding } from "@statewave-connectors/runner/tools";
import { oneLine } from "./clean-terminal.ts";

/** What the check of an entry found, as what every other check finds. */
export function toDiagnosis({ source, direction, results }: EntryCheck): Diagnosis {
  const findings = results.map((result) => {
    const { message, hint } = toSentence(result);
    const text = withoutEntry(message, `[[${direction}.${source.kind}]]`, source.name);
    return { ok: result.ok, message: text, hint, code: result.error?.code };
  });
  return { subject: `${direction} ${formatSourceKey(source)}`, findings };
}

/** A message often ends with its whole error, whose code and hint have places of their own. */
function toSentence({ message, error }: CheckResult): Pick<Finding, "message" | "hint"> {
  if (error === undefined) return { message };
  const described = describeError(error);
  if (message.endsWith(described)) return { message: message.slice(0, -described.length) + error.message, hint: error.hint };
  return { message, hint: error.hint !== undefined && message.includes(error.hint) ? undefined : error.hint };
}

/** Connectors name the entry in their sentences, and the line begins with it. */
function withoutEntry(message: string, table: string, name: string): string {
  let text = message;
  for (const entry of [`${table} name = "${name}"`, `${table} "${name}"`]) {
    for (const word of [" for ", " of ", " in "]) text = text.replaceAll(`${word}${entry}`, "");
    if (text.startsWith(entry)) text = text.slice(entry.length).replace(/^:? /, "");
  }
  return text;
}

/** Where in the file the subject of a diagnosis stands. */
export interface FilePlace {
  /** As it is written, e.g. `[[pull.github]]`. */
  readonly table: string;
  readonly line: number;
  /** An included file; absent: the configuration file itself. */
  readonly file?: string;
}

/** A line for each finding; behind one that is not well what to do, and where in the file it belongs. */
export function findingLines({ subject, findings }: Diagnosis, place?: FilePlace): string {
  if (findings.length === 0) return `-    ${subject}: nothing to check\n`;
  return findings.map((finding) => toLine(subject, finding) + placeLine(finding, place)).join("");
}

function placeLine({ ok, isWarning }: Finding, place: FilePlace | undefined): string {
  return place === undefined || (ok && isWarning !== true)
    ? ""
    : `     at: ${place.file === undefined ? "" : `${place.file}, `}line ${place.line}, ${place.table}\n`;
}

function toLine(subject: string, { ok, isWarning, message, hint, code }: Finding): string {
  const level = ok ? (isWarning === true ? "warn" : "ok  ") : "FAIL";
  const shown = code === undefined || message.includes(code) ? "" : ` [${code}]`;
  return `${level} ${subject}: ${oneLine(message)}${shown}\n${hint === undefined ? "" : `     hint: ${oneLine(hint)}\n`}`;
}

/** What the token of an entry needs, so that a person can compare it with what it has. */
export function rightsLines(rights: EntryCheck["rights"]): string {
  const lines = [
    ["needs", rights.filter(({ optional = false }) => !optional)],
    ["may use", rights.filter(({ optional = false }) => optional)],
  ] as const;
  return lines
    .filter(([, named]) => named.length > 0)
    .map(
      ([word, named]) => `     ${word}: ${oneLine(named.map(({ name, for: purpose }) => `${name} (${purpose})`).join(", "))}\n`,
    )
    .join("");
}

/** All of it as a line of JSON. */
export function findingsJsonLine({ subject, findings }: Diagnosis, rights: EntryCheck["rights"], place?: FilePlace): string {
  const results = findings.map(({ ok, isWarning, message, hint, code }) => {
    const level = ok ? (isWarning === true ? "warn" : "ok") : "fail";
    return { level, ok, message, hint, code };
  });
  const needed = jsonRights(rights);
  return `${JSON.stringify({ entry: subject, ...place, results, ...(needed.length > 0 && { rights: needed }) })}\n`;
}

/** Rights as `--json` shows them. */
export function jsonRights(rights: EntryCheck["rights"]): readonly Required<EntryCheck["rights"][number]>[] {
  return rights.map(({ name, for: purpose, optional = false }) => ({ name, for: purpose, optional }));
}
