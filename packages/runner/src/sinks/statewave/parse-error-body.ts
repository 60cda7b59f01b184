import { parseJson, property } from "../../foreign-json.ts";

/** What is safe and useful to know of an error body: everything else in it may be an echo of the input. */
export interface ServerError {
  /** The server's error code, e.g. `validation_error`. */
  readonly code: string | undefined;
  /** Which episodes of the batch it objects to, ascending; empty when it did not say. */
  readonly indexes: readonly number[];
  /** What it objects to, e.g. `subject_id (string_too_long)`; a few at most. */
  readonly fields: readonly string[];
}

const maxFields = 3;
const wordPattern = /^[\w.-]{1,64}$/;
const locPattern = /"loc"\s*:\s*\[\s*"body"\s*,\s*"episodes"\s*,\s*(\d{1,3})\b/g;

/**
 * Reads `{"error": {code, details}}` and FastAPI's plain `{"detail": [...]}`. A 422 for a full batch can be longer than what is read of
 * it: of a body that is cut off, the indexes in the part that came still count. (Quotes inside strings are escaped in JSON, so a text
 * cannot pretend to be a `loc`.)
 */
export function parseErrorBody(body: string): ServerError {
  const parsed = parseJson(body);
  if (parsed === undefined)
    return { code: undefined, indexes: unique([...body.matchAll(locPattern)].map((match) => Number(match[1]))), fields: [] };
  const error = property(parsed, "error");
  const code = property(error, "code");
  const details = property(error, "details") ?? property(parsed, "detail");
  const issues = (Array.isArray(details) ? details : []).map(readIssue);
  return {
    code: isWord(code) ? code : undefined,
    indexes: unique(issues.flatMap((issue) => issue.index ?? [])),
    fields: [...new Set(issues.flatMap((issue) => issue.field ?? []))].slice(0, maxFields),
  };
}

function readIssue(issue: unknown): { index?: number; field?: string } {
  const loc = property(issue, "loc");
  if (!Array.isArray(loc)) return {};
  const path: readonly unknown[] = loc;
  const inBatch = path[0] === "body" && path[1] === "episodes";
  const index: unknown = inBatch ? path[2] : undefined;
  const names = path.slice(inBatch ? 3 : 1).filter(isWord);
  const type = property(issue, "type");
  const field = names.length === 0 ? "the batch" : names.join(".").slice(0, 64);
  return {
    ...(Number.isSafeInteger(index) ? { index: Number(index) } : {}),
    field: isWord(type) ? `${field} (${type})` : field,
  };
}

function isWord(value: unknown): value is string {
  return typeof value === "string" && wordPattern.test(value);
}

function unique(indexes: readonly number[]): readonly number[] {
  return [...new Set(indexes)].toSorted((left, right) => left - right);
}
