import type { ReleaseTraits } from "./release.ts";

/** One entry of a 422's `details`, as FastAPI writes it: it echoes the offending input. */
export interface ValidationIssue {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
}

/** An episode that passed validation. Unknown fields are dropped, as the server's models drop them. */
export interface ValidEpisode {
  readonly subject_id: string;
  readonly source: string;
  readonly type: string;
  readonly payload: object;
  readonly metadata: object;
  readonly provenance: object;
  readonly session_id: string | null;
  readonly occurred_at: string | null;
  readonly idempotency_key: string | null;
}

export type Validated<Value> = { readonly value: Value } | { readonly issues: readonly ValidationIssue[] };

/** The server takes 1 to 100 items a batch. */
const maxBatchItems = 100;
/** Postgres' width of the key column. The fallback in `metadata` is not checked against it. */
export const maxKeyLength = 512;

/** The body of `POST /v1/episodes/batch`: one bad item refuses all. */
export function validateBatch(body: unknown, release: ReleaseTraits): Validated<readonly ValidEpisode[]> {
  if (!isRecord(body)) return failed("model_attributes_type", ["body"], "Input should be a valid dictionary", body);
  const episodes = body["episodes"];
  const loc = ["body", "episodes"];
  if (episodes === undefined) return failed("missing", loc, "Field required", body);
  if (!Array.isArray(episodes)) return failed("list_type", loc, "Input should be a valid list", episodes);
  if (episodes.length === 0)
    return failed("too_short", loc, "List should have at least 1 item after validation, not 0", episodes);
  if (episodes.length > maxBatchItems)
    return failed("too_long", loc, "List should have at most 100 items after validation", episodes);
  const values: ValidEpisode[] = [];
  const issues: ValidationIssue[] = [];
  for (const [index, episode] of episodes.entries()) {
    const result = validateEpisode(episode, [...loc, index], release);
    if ("value" in result) values.push(result.value);
    else issues.push(...result.issues);
  }
  return issues.length > 0 ? { issues } : { value: values };
}

/** One episode, the body of `POST /v1/episodes` or an item of a batch; `loc` says where it stands. */
export function validateEpisode(
  episode: unknown,
  loc: readonly (string | number)[],
  { limitsCharacters, keepsTimes, recognisesKeys }: ReleaseTraits,
): Validated<ValidEpisode> {
  const pattern = limitsCharacters ? identifierPattern : undefined;
  if (!isRecord(episode)) return failed("model_attributes_type", loc, "Input should be a valid dictionary", episode);
  const fields = new FieldReader(episode, loc);
  const value: ValidEpisode = {
    subject_id: fields.text("subject_id", 256, pattern),
    source: fields.text("source", 256),
    type: fields.text("type", 128),
    payload: fields.object("payload", undefined),
    metadata: fields.object("metadata", {}),
    provenance: fields.object("provenance", {}),
    session_id: fields.optionalText("session_id", 256, pattern),
    occurred_at: keepsTimes ? fields.optionalTimestamp("occurred_at") : null,
    idempotency_key: recognisesKeys ? fields.optionalText("idempotency_key", maxKeyLength) : null,
  };
  return fields.issues.length > 0 ? { issues: fields.issues } : { value };
}

/** The body of `POST /v1/memories/compile`. */
export function validateCompile(
  text: string,
  { limitsCharacters }: ReleaseTraits,
): Validated<{ readonly subjectId: string; readonly isAsync: boolean }> {
  const loc = ["body"];
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return failed("json_invalid", [...loc, 0], "JSON decode error", text.slice(0, 100));
  }
  if (!isRecord(body)) return failed("model_attributes_type", loc, "Input should be a valid dictionary", body);
  const fields = new FieldReader(body, loc);
  const subjectId = fields.text("subject_id", 256, limitsCharacters ? identifierPattern : undefined);
  const isAsync = body["async"] ?? false;
  if (typeof isAsync !== "boolean") return failed("bool_type", [...loc, "async"], "Input should be a valid boolean", isAsync);
  return fields.issues.length > 0 ? { issues: fields.issues } : { value: { subjectId, isAsync } };
}

const identifierPattern = /^[A-Za-z0-9_.\-:]+$/;
const timestampPattern = /^(\d{4})-(\d{2})-(\d{2})([Tt _](\d{2}):(\d{2})(:(\d{2})([.,]\d{1,9})?)?([Zz]|[+-]\d{2}:?\d{2})?)?$/;

class FieldReader {
  readonly issues: ValidationIssue[] = [];
  readonly #record: Readonly<Record<string, unknown>>;
  readonly #loc: readonly (string | number)[];

  constructor(record: Readonly<Record<string, unknown>>, loc: readonly (string | number)[]) {
    this.#record = record;
    this.#loc = loc;
  }

  text(field: string, maxLength: number, pattern?: RegExp): string {
    const input = this.#record[field];
    if (input === undefined) this.#fail(field, "missing", "Field required", this.#record);
    else if (typeof input !== "string") this.#fail(field, "string_type", "Input should be a valid string", input);
    else {
      this.#checkText(field, input, maxLength, pattern);
      return input;
    }
    return "";
  }

  optionalText(field: string, maxLength: number, pattern?: RegExp): string | null {
    const input = this.#record[field];
    return input === undefined || input === null || (input === "" && pattern === undefined)
      ? null
      : this.text(field, maxLength, pattern);
  }

  object(field: string, fallback: object | undefined): object {
    const input = this.#record[field];
    if (isRecord(input)) return input;
    if (input !== undefined) this.#fail(field, "dict_type", "Input should be a valid dictionary", input);
    else if (fallback === undefined) this.#fail(field, "missing", "Field required", this.#record);
    return fallback ?? {};
  }

  optionalTimestamp(field: string): string | null {
    const input = this.#record[field];
    if (input === undefined || input === null) return null;
    const timestamp = typeof input === "number" ? new Date(input * 1000).toISOString() : input;
    if (typeof timestamp === "string" && isTimestamp(timestamp)) return timestamp;
    this.#fail(field, "datetime_from_date_parsing", "Input should be a valid datetime or date", input);
    return null;
  }

  #checkText(field: string, input: string, maxLength: number, pattern: RegExp | undefined): void {
    // Lengths are counted in code points over there; only a string that is long in UTF-16 needs counting.
    if (input.length > maxLength && Array.from(input).length > maxLength) {
      this.#fail(field, "string_too_long", `String should have at most ${maxLength} characters`, input);
    } else if (input === "") this.#fail(field, "string_too_short", "String should have at least 1 character", input);
    else if (pattern?.test(input) === false) {
      this.#fail(field, "string_pattern_mismatch", `String should match pattern '${pattern.source}'`, input);
    }
  }

  #fail(field: string, type: string, msg: string, input: unknown): void {
    this.issues.push({ type, loc: [...this.#loc, field], msg, input });
  }
}

function isTimestamp(text: string): boolean {
  const match = timestampPattern.exec(text);
  if (match === null) return false;
  const [year, month, day, hours, minutes, seconds] = [1, 2, 3, 5, 6, 8].map((group) => Number(match[group] ?? 0));
  const date = new Date(Date.UTC(2000, month! - 1, day));
  date.setUTCFullYear(year!, month! - 1, day);
  return (
    year! > 0 && date.getUTCMonth() === month! - 1 && date.getUTCDate() === day && hours! < 24 && minutes! < 60 && seconds! < 60
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function failed(
  type: string,
  loc: readonly (string | number)[],
  msg: string,
  input: unknown,
): { issues: readonly ValidationIssue[] } {
  return { issues: [{ type, loc, msg, input }] };
}
