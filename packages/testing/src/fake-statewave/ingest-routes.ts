import { isUtf8 } from "node:buffer";
import type { IncomingHttpHeaders } from "node:http";
import type { EpisodeTable } from "./episode-table.ts";
import type { Fault } from "./faults.ts";
import type { RowLock } from "./open-batches.ts";
import { fateOf } from "./python-limits.ts";
import type { ReleaseTraits } from "./release.ts";
import { validateBatch, validateEpisode, type ValidEpisode } from "./validate-body.ts";
import type { Validated, ValidationIssue } from "./field-reader.ts";

/** An answer before it is written. */
export interface FakeAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface IngestSettings {
  readonly apiKey: string | undefined;
  readonly tenantHeader: string;
  readonly requireTenant: boolean;
  readonly release: ReleaseTraits;
  readonly table: EpisodeTable;
  readonly now: () => number;
  readonly takeMarked: (body: string) => Extract<Fault, { type: "poison" | "refuse" }> | undefined;
}

/** What the middleware answers before any route: the key first, then the tenant. Their errors carry no request id. */
export function checkAccess(headers: IncomingHttpHeaders, settings: IngestSettings): FakeAnswer | undefined {
  const { apiKey, tenantHeader, requireTenant } = settings;
  if (apiKey !== undefined) {
    const given = headers["x-api-key"];
    if (given === undefined) return errorAnswer(401, "missing_api_key", "Missing API key");
    if (given !== apiKey) return errorAnswer(403, "invalid_api_key", "Invalid API key");
  }
  if (requireTenant && headers[tenantHeader] === undefined) return errorAnswer(400, "missing_tenant", "Missing tenant header");
  return undefined;
}

/** A request that passed validation: a transaction that can be committed. */
export interface IngestTransaction {
  /** The rows it inserts, in order; those that are stored already are only read. */
  readonly locks: readonly RowLock[];
  readonly episodes: number;
  commit(): FakeAnswer;
}

/** `POST /v1/episodes` and `POST /v1/episodes/batch` up to the transaction, or the answer that refuses the request before it. */
export function prepareIngest(
  raw: Buffer,
  batch: boolean,
  tenantId: string | null,
  requestId: string,
  settings: IngestSettings,
): IngestTransaction | FakeAnswer {
  const text = raw.toString("utf8");
  const parsed = parseJson(text);
  const fate = fateOf(text, parsed);
  if (!isUtf8(raw) || fate === "unreadable")
    return errorAnswer(400, "http_error", "There was an error parsing the body", requestId);
  if (parsed === undefined) return invalid([notJson(text)], requestId);
  const { release } = settings;
  const validated = batch ? validateBatch(parsed, release) : toList(validateEpisode(parsed, ["body"], release));
  if (!("value" in validated)) return invalid(validated.issues, requestId);
  const episodes = validated.value;
  return {
    locks: settings.table.locksOf(episodes, tenantId),
    episodes: episodes.length,
    commit() {
      const marked = settings.takeMarked(text);
      if (marked !== undefined) return answerMarked(marked, episodes, requestId);
      if (!isStorable(text, episodes)) return internalError(requestId);
      const rows = settings.table.insert(episodes, tenantId, new Date(settings.now()).toISOString());
      if (rows === undefined || fate === "stored, not answered") return internalError(requestId);
      // Duplicates count as created, as they do over there: it is the length of the list.
      return { status: 201, body: batch ? { episodes_created: rows.length, episodes: rows } : rows[0] };
    },
  };
}

function answerMarked(
  fault: Extract<Fault, { type: "poison" | "refuse" }>,
  episodes: readonly ValidEpisode[],
  requestId: string,
): FakeAnswer {
  if (fault.type === "poison") return internalError(requestId);
  if (fault.as === "413")
    return { status: 413, body: "<html>413 Request Entity Too Large</html>", headers: { "content-type": "text/html" } };
  if (fault.as === "422_unnamed")
    return invalid([{ type: "value_error", loc: ["body"], msg: "Refused", input: null }], requestId);
  const issues = episodes.flatMap((episode, index): ValidationIssue[] =>
    JSON.stringify(episode).includes(fault.marker)
      ? [{ type: "value_error", loc: ["body", "episodes", index, "payload"], msg: "Refused", input: episode.payload }]
      : [],
  );
  return invalid(issues, requestId);
}

/** The one shape of errors. */
export function errorAnswer(status: number, code: string, message: string, requestId?: string, details?: unknown): FakeAnswer {
  return {
    status,
    body: {
      error: {
        code,
        message,
        ...(details === undefined ? {} : { details }),
        ...(requestId === undefined ? {} : { request_id: requestId }),
      },
    },
  };
}

/** A body that fails validation. */
export function invalid(issues: readonly ValidationIssue[], requestId: string): FakeAnswer {
  return errorAnswer(422, "validation_error", "Request validation failed", requestId, issues);
}

/** What every exception becomes, a deadlock in the database included. */
export function internalError(requestId: string): FakeAnswer {
  return errorAnswer(500, "internal_error", "An unexpected error occurred", requestId);
}

function notJson(text: string): ValidationIssue {
  return { type: "json_invalid", loc: ["body", 0], msg: "JSON decode error", input: text.slice(0, 100) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toList(result: Validated<ValidEpisode>): Validated<readonly ValidEpisode[]> {
  return "value" in result ? { value: [result.value] } : result;
}

/** JSONB holds no NUL, and a lone surrogate has no UTF-8: the insert throws. Only a text with such an escape needs a closer look. */
function isStorable(text: string, episodes: readonly ValidEpisode[]): boolean {
  return !/\\u(0000|[dD][89a-fA-F])/.test(text) || isStorableValue(episodes);
}

function isStorableValue(value: unknown): boolean {
  if (typeof value === "string") return !value.includes("\0") && value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, item]) => isStorableValue(key) && isStorableValue(item));
}
