import type { StoreRecord } from "@statewave-connectors/connector-sdk/store";
import { formatPage, parsePage } from "../compile/touch.ts";
import { parseJson } from "../foreign-json.ts";
import { type MentionExtent, mentions, withoutMentions } from "./subject-mentions.ts";
import { isSubject, type SubjectSpellings } from "./subject-spellings.ts";

/** What becomes of a record. `none`: it does not mention the subject, or only as a name of the configuration or a part of a longer name. */
export type WithoutSubject = { readonly type: "none" } | { readonly type: "changed"; readonly value: string };

const none: WithoutSubject = { type: "none" };

type Rule = (record: StoreRecord, of: SubjectSpellings) => WithoutSubject | undefined;

/** By the first part of the scope. Those that are not here hold what only their own part of the product can read. */
const rules: Readonly<Record<string, Rule>> = {
  compile: withoutTouches,
  audit: withoutDetails,
  paused: (record, of) => withTexts(record, of, ["reason"]),
  runs: (record, of) => withTexts(record, of, ["message"]),
  "run-summaries": (record, of) => withTexts(record, of, ["message"]),
  entries: (record, of) => withTexts(record, of, ["message", "reason", "hint"]),
  notices: (record, of) => withTexts(record, of, ["text", "because"]),
  watches: (record, of) => withTexts(record, of, ["message", "hint"]),
  backfills: (record, of) => (record.key.startsWith("part/") ? undefined : withTexts(record, of, ["message", "hint"])),
};

/** Scopes that hold no text of a source: names of entries and processes, times, versions. */
const withoutText: ReadonlySet<string> = new Set([
  "doctor",
  "first-read",
  "letter-edits",
  "process-beats",
  "processes",
  "proven-receivers",
  "readings",
  "retention",
  "sink",
]);

/** Undefined: it cannot be read here, and stays as it is. */
export function withoutSubject(record: StoreRecord, of: SubjectSpellings): WithoutSubject | undefined {
  const [area = ""] = record.scope.split("/");
  if (withoutText.has(area)) return none;
  return Object.hasOwn(rules, area) ? rules[area]?.(record, of) : undefined;
}

/** Of `done` and the lease nothing is to be changed: they hold no subject. */
function withoutTouches({ key, value }: StoreRecord, of: SubjectSpellings): WithoutSubject {
  if (key !== "taken" && !key.startsWith("page/")) return none;
  const touches = parsePage(value);
  const others = touches.filter(({ subject }) => !isSubject(subject, of));
  return others.length === touches.length ? none : { type: "changed", value: formatPage(others) };
}

/** That something was done, by whom and when, stays. What it was done to is cut, with what it changed as a whole. */
function withoutDetails({ value }: StoreRecord, of: SubjectSpellings): WithoutSubject | undefined {
  const entry = parseJson(value);
  if (typeof entry !== "object" || entry === null) return undefined;
  const cut = Object.entries(entry).map(([name, held]: [string, unknown]) => {
    const isChange = name === "before" || name === "after";
    if (isChange) return [name, isAbout(held, of) ? "[erased]" : held] as const;
    if (keptOfAction.has(name)) return [name, held] as const;
    return [name, mapTexts(held, of, name === "targets" ? "whole" : "named")] as const;
  });
  return changedTo(value, Object.fromEntries(cut));
}

/** Also where a text that was cut ends within a name. */
function isAbout(held: unknown, of: SubjectSpellings): boolean {
  if (isCut(held) || mentions(plainText(held), of)) return true;
  return JSON.stringify(mapTexts(held, of, "named")) !== JSON.stringify(held);
}

/** Who acted may have the name of a subject, and stays. */
const keptOfAction: ReadonlySet<string> = new Set(["command", "user", "as", "outcome"]);

/** The texts under these names, wherever they stand in the value. */
function withTexts({ value }: StoreRecord, of: SubjectSpellings, names: readonly string[]): WithoutSubject | undefined {
  const parsed = parseJson(value);
  if (parsed === undefined) return undefined;
  const walk = (held: unknown): unknown => {
    if (Array.isArray(held)) return held.map(walk);
    if (typeof held !== "object" || held === null) return held;
    return Object.fromEntries(
      Object.entries(held).map(([name, inner]: [string, unknown]) => [
        name,
        typeof inner === "string" && names.includes(name) ? withoutMentions(inner, of) : walk(inner),
      ]),
    );
  };
  return changedTo(value, walk(parsed));
}

function mapTexts(held: unknown, of: SubjectSpellings, extent: MentionExtent): unknown {
  if (typeof held === "string") return withoutMentions(held, of, extent);
  if (Array.isArray(held)) return held.map((inner) => mapTexts(inner, of, extent));
  if (typeof held !== "object" || held === null) return held;
  return Object.fromEntries(Object.entries(held).map(([name, inner]) => [name, mapTexts(inner, of, extent)]));
}

/** Whether only the beginning of a change was kept: whom the rest was about is not known, and the beginning is of the same letter. */
function isCut(held: unknown): boolean {
  return typeof held === "object" && held !== null && "beginning" in held && "characters" in held;
}

function changedTo(before: string, after: unknown): WithoutSubject {
  const value = JSON.stringify(after);
  return value === before || value === JSON.stringify(parseJson(before)) ? none : { type: "changed", value };
}

/** All texts of a value, one a line: without the escapes of JSON. */
function plainText(held: unknown): string {
  if (typeof held === "string") return held;
  return typeof held === "object" && held !== null ? Object.values(held).map(plainText).join("\n") : "";
}
