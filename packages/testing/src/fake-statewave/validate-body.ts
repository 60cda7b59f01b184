import { failed, FieldReader, identifierOf, isRecord, type Validated, type ValidationIssue } from "./field-reader.ts";
import type { ReleaseTraits } from "./release.ts";

/** An episode that passed validation. Unknown fields are dropped, as the server's models drop them. */
export interface ValidEpisode {
  readonly subject_id: string;
  readonly source: string;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly metadata: object;
  readonly provenance: object;
  readonly session_id: string | null;
  readonly occurred_at: string | null;
  readonly idempotency_key: string | null;
}

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
  release: ReleaseTraits,
): Validated<ValidEpisode> {
  const { keepsTimes, recognisesKeys } = release;
  const pattern = identifierOf(release);
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
  release: ReleaseTraits,
): Validated<{ readonly subjectId: string; readonly isAsync: boolean }> {
  const body = readObject(text);
  if ("issues" in body) return body;
  const fields = new FieldReader(body.value, ["body"]);
  const subjectId = fields.text("subject_id", 256, identifierOf(release));
  const isAsync = body.value["async"] ?? false;
  if (typeof isAsync !== "boolean") return failed("bool_type", ["body", "async"], "Input should be a valid boolean", isAsync);
  return fields.issues.length > 0 ? { issues: fields.issues } : { value: { subjectId, isAsync } };
}

export interface ValidContextRequest {
  readonly subjectId: string;
  readonly task: string;
  readonly maxTokens: number | null;
}

/** The body of `POST /v1/context`. */
export function validateContext(text: string, release: ReleaseTraits): Validated<ValidContextRequest> {
  const body = readObject(text);
  if ("issues" in body) return body;
  const fields = new FieldReader(body.value, ["body"]);
  const value = {
    subjectId: fields.text("subject_id", 256, identifierOf(release)),
    task: fields.text("task", 4_000),
    maxTokens: fields.optionalInteger("max_tokens", 1, 128_000),
  };
  fields.optionalText("session_id", 256, identifierOf(release));
  return fields.issues.length > 0 ? { issues: fields.issues } : { value };
}

function readObject(text: string): Validated<Readonly<Record<string, unknown>>> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return failed("json_invalid", ["body", 0], "JSON decode error", text.slice(0, 100));
  }
  return isRecord(body) ? { value: body } : failed("model_attributes_type", ["body"], "Input should be a valid dictionary", body);
}
