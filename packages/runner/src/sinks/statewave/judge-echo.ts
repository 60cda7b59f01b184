import { parseJson } from "../../foreign-json.ts";

/** Which server the body of a 2xx answer comes from. */
export type EchoVerdict =
  /** Statewave's batch answer; `missing` names the fields that every known version sends and this one did not. */
  | { readonly type: "statewave"; readonly missing: readonly string[] }
  /** Something else answered: nothing may have been stored. */
  | { readonly type: "stranger"; readonly why: string }
  /** The body broke off before it showed which server answered. */
  | { readonly type: "unreadable" };

/** The body of an answer, as far as it was read. */
export interface Echo {
  readonly text: string;
  /** False when the connection broke, or when more followed than is read. */
  readonly isWhole: boolean;
}

/** The answer to a batch, in every version: a count, and the stored rows in the order of the request. */
const countField = "episodes_created";
const rowsField = "episodes";
/** What the server adds to each row. */
const rowFields = ["id", "subject_id", "created_at"] as const;

/**
 * Decides whether Statewave answered. Any web server can answer 200 or 201, some with the request itself; only Statewave adds an id to each
 * row. A body that broke off counts by its beginning: the transaction is committed before the status line is written.
 */
export function judgeEcho({ text, isWhole }: Echo, items: number): EchoVerdict {
  const body = text.replace(/^\uFEFF/, "").trimStart();
  const parsed = parseJson(body);
  if (parsed === undefined) return isWhole ? notJson(body) : judgeHead(body);
  if (!isObject(parsed)) return noFields();
  const count = parsed[countField];
  const hasCount = typeof count === "number";
  const rows = Array.isArray(parsed[rowsField]) ? (parsed[rowsField] as readonly unknown[]) : [];
  const hasRow = rows.some(isRow);
  if (!hasCount && !hasRow) return rows.some(isSentRow) ? echoed() : noFields();
  // New servers count new rows only: a batch of repeats has the count 0, and its rows.
  if (!hasRow && !(hasCount && count > 0))
    return { type: "stranger", why: `with an answer that accounts for none of the ${items} episodes` };
  return { type: "statewave", missing: missingFields(hasCount, rows, items) };
}

/**
 * Whether a body that begins so is the batch answer of a known version with at least one row: nothing behind can make it another server's.
 * Other spellings of the same JSON take the long way.
 */
export function isEchoHead(head: string): boolean {
  return /^\{"episodes_created":\d{1,4},"episodes":\[\{"id":"[\w-]{1,64}","subject_id":"/.test(head);
}

function missingFields(hasCount: boolean, rows: readonly unknown[], items: number): readonly string[] {
  if (rows.length !== items) return [...(hasCount ? [] : [countField]), rowsField];
  const ofRows = rowFields.filter((field) => !rows.every((row) => isObject(row) && typeof row[field] === "string"));
  return [...(hasCount ? [] : [countField]), ...ofRows.map((field) => `${rowsField}[].${field}`)];
}

/** A row that was stored: what we send has no id. */
function isRow(row: unknown): boolean {
  return isSentRow(row) && typeof row["id"] === "string";
}

function isSentRow(row: unknown): row is Readonly<Record<string, unknown>> {
  return isObject(row) && typeof row["subject_id"] === "string";
}

/**
 * Statewave begins its answer with a count above 0 or with the id of a row. JSON that begins otherwise gets another try, unless there is too
 * much of it.
 */
function judgeHead(head: string): EchoVerdict {
  if (
    /^\{\s*"episodes_created"\s*:\s*[1-9]/.test(head) ||
    /^\{(?:\s*"episodes_created"\s*:\s*\d+\s*,)?\s*"episodes"\s*:\s*\[\s*\{\s*"id"\s*:\s*"/.test(head)
  )
    return { type: "statewave", missing: [] };
  const mayBeStatewave = head === "" || (head.startsWith("{") && head.length < longestDoubtLength);
  if (mayBeStatewave) return { type: "unreadable" };
  return /^\{\s*"episodes"\s*:\s*\[\s*\{\s*"subject_id"/.test(head) ? echoed() : notJson(head);
}

const longestDoubtLength = 64 * 1024;

function notJson(body: string): EchoVerdict {
  if (body === "") return { type: "stranger", why: "without a body" };
  return { type: "stranger", why: body.startsWith("<") ? "with a web page" : "with a body that is not JSON" };
}

function echoed(): EchoVerdict {
  return { type: "stranger", why: "with the episodes as they were sent, none of which got an id" };
}

function noFields(): EchoVerdict {
  return { type: "stranger", why: `with JSON that has none of the fields of a batch (${countField}, ${rowsField})` };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
