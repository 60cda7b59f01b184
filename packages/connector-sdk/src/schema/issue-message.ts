import type { SchemaIssue } from "../contract/config-schema.ts";
import { isTable } from "./is-table.ts";

/** The values that a message must not give away. */
export interface HiddenTexts {
  /** Stand at the issue's path or below it: no part of them may be shown. */
  readonly here: readonly string[];
  /** Stand elsewhere in the same table: a schema may compare options with each other. */
  readonly elsewhere: readonly string[];
}

const shownLength = 80;
const messageLength = 300;
/** A message that has so many letters in a row in common with a secret may be quoting it. */
const sharedRun = 4;

/**
 * What a schema's issue says, in one sentence without secrets. Valibot's default messages quote the value, so they are replaced; a
 * connector's own message is kept when it stands in the schema word for word, or has nothing in common with a hidden value.
 */
export function issueMessage(issue: SchemaIssue, hidden: HiddenTexts, fixedMessages: ReadonlySet<string> = nothing): string {
  const shown = (text: string) => (hidden.here.length > 0 ? "***" : text);
  const detail: DetailedIssue = issue;
  const label = defaultLabel(detail);
  if (label !== undefined) {
    if (detail.received === "undefined") return "is required";
    const received =
      isPlain(detail.input) && detail.received !== plain(detail.input) ? String(detail.received) : describeValue(detail.input);
    if (typeof detail.expected !== "string") return `is not a valid ${label}: ${shown(received)}`;
    return `expected ${selfEvident.has(label) ? "" : `${label} `}${typeNames[detail.expected] ?? detail.expected}, got ${shown(received)}`;
  }
  if (!fixedMessages.has(issue.message) && givesAway(issue.message, hidden))
    return "is not valid (the reason may quote a secret, so it is not shown)";
  const message = issue.message.slice(0, messageLength);
  return message.startsWith("expected ") && "input" in detail ? `${message}, got ${shown(describeValue(detail.input))}` : message;
}

const nothing: ReadonlySet<string> = new Set();

function givesAway(message: string, hidden: HiddenTexts): boolean {
  return hidden.here.some((text) => sharesRun(message, text)) || hidden.elsewhere.some((text) => quotes(message, text));
}

/** The keys and indexes that lead from the checked value to an issue. */
export function issuePath(issue: SchemaIssue): (string | number)[] {
  return (issue.path ?? []).map((segment) => {
    const key = typeof segment === "object" ? segment.key : segment;
    return typeof key === "number" ? key : String(key);
  });
}

/** An issue with what valibot adds to Standard Schema. */
export interface DetailedIssue {
  readonly message: string;
  readonly expected?: unknown;
  readonly received?: unknown;
  readonly input?: unknown;
}

const typeNames: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  boolean: "true or false",
  Object: "a table",
  Array: "a list",
  Date: "a date",
};

/** Labels that add nothing to the expectation; others name what was looked at: "length", "start", "format". */
const selfEvident = new Set(["type", "key", "value", "input"]);

/** The label of valibot's own message ("Invalid label: Expected x but received y"), or undefined when the message is another's. */
function defaultLabel(detail: DetailedIssue): string | undefined {
  const label = /^Invalid ([^:]+): /.exec(detail.message)?.[1];
  if (label === undefined || typeof detail.received !== "string") return undefined;
  const expectation = typeof detail.expected === "string" ? `Expected ${detail.expected} but r` : "R";
  return detail.message === `Invalid ${label}: ${expectation}eceived ${detail.received}` ? label : undefined;
}

function isPlain(value: unknown): value is string | number | boolean | bigint {
  return ["string", "number", "boolean", "bigint"].includes(typeof value);
}

/** As valibot writes it into `received`. */
function plain(value: string | number | boolean | bigint): string {
  return typeof value === "string" ? `"${value}"` : String(value);
}

/** A value as a message shows it: short, on one line. */
function describeValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > shownLength ? `${value.slice(0, shownLength)}…` : value);
  if (isPlain(value)) return String(value);
  if (Array.isArray(value)) return "a list";
  if (value instanceof Date) return "a date";
  return isTable(value) ? "a table" : String(value);
}

/** Whether `message` holds some letters in a row of `text`, or all of it when it is short. */
function sharesRun(message: string, text: string): boolean {
  const length = Math.min(sharedRun, text.length);
  if (length === 0) return false;
  const [inMessage, inText] = [message.toLowerCase(), text.toLowerCase()];
  for (let start = 0; start + length <= inMessage.length; start += 1) {
    if (inText.includes(inMessage.slice(start, start + length))) return true;
  }
  return false;
}

/** Whether `message` holds the whole of `text`; one of a few letters would be found in any sentence. */
function quotes(message: string, text: string): boolean {
  return text.length >= sharedRun && message.includes(text);
}
