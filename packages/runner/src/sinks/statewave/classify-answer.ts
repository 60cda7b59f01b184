import type { SendResult } from "@statewave-connectors/connector-sdk/host";
import { parseErrorBody, type ServerError } from "./parse-error-body.ts";
import { parseRetryAfterMs } from "./retry-after.ts";

/** The answer to one request. */
export interface SinkAnswer {
  readonly status: number;
  readonly retryAfter?: string | undefined;
  /** The server's clock at the answer, as its `Date` header says. */
  readonly date?: string | undefined;
  /** The head of an error's body; of a 2xx the echo of the batch. */
  readonly body: string;
  /** False when the body broke off, or was longer than what is read. */
  readonly isWhole?: boolean;
}

/** Statewave's limiter counts in windows of a minute: without a Retry-After the next window is certain to be another one. */
const defaultLimitMs = 60_000;

/** The code of a 400 whose cause is the body: nested too deep, or with an integer that is too long. */
const unreadableBody = "http_error";

/**
 * What an answer means for the batch. Pure. Operators find the table in docs/guides/run-in-production.md. Reasons name the status and
 * the server's error code, never what the server echoed: a 422 quotes the offending input.
 */
export function classifyAnswer(answer: SinkAnswer, nowMs: number): SendResult {
  const { status } = answer;
  // The body of a success is judged by `judgeEcho`.
  if (status >= 200 && status < 300) return { type: "accepted" };
  const error = parseErrorBody(answer.body);
  const reason = `${status}${error.code === undefined ? "" : ` ${error.code}`}`;
  const retryAfterMs = parseRetryAfterMs(answer.retryAfter, nowMs);
  if (status === 413 || status === 422) return refusal(reason, error);
  if (status === 429) return { type: "limited", retryAfterMs: retryAfterMs ?? defaultLimitMs };
  // 408 and 425 say "again", not "wrong".
  if (status >= 500 || status === 408 || status === 425) {
    return { type: "failed", reason, suspect: status === 500, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  // "There was an error parsing the body": it says something about this batch, and nothing about the key, the tenant or the address.
  if (status === 400 && error.code === unreadableBody) return { type: "failed", reason, suspect: true };
  return { type: "stopped", reason, hint: hintFor(status, error.code) };
}

/** Another server answered with a success: accepting that would lose the batch. */
export function notStatewave(what: string): Extract<SendResult, { readonly type: "stopped" }> {
  return {
    type: "stopped",
    code: "SINK_NOT_STATEWAVE",
    reason: `${what}: the answer does not come from Statewave`,
    hint: "check [statewave] url, and whether a proxy or a login page answers in front of the server",
  };
}

function refusal(reason: string, error: ServerError): SendResult {
  const fields = error.fields.length === 0 ? "" : `: ${error.fields.join(", ")}`;
  return {
    type: "refused",
    reason: reason + fields,
    ...(error.indexes.length === 0 ? {} : { indexes: error.indexes }),
  };
}

function hintFor(status: number, code: string | undefined): string {
  if (code === "missing_tenant") return "set [statewave] tenant_id, and tenant_header if the server uses another header";
  if (code?.startsWith("residency.") === true)
    return "set [statewave] url to the server of the region that this tenant is pinned to";
  if (status >= 300 && status < 400) return "set [statewave] url to the address that the redirect points to";
  switch (status) {
    case 401:
      return "set [statewave] api_key: the server requires one";
    case 403:
      return "check [statewave] api_key: the server does not accept it";
    case 404:
    case 405:
      return "check [statewave] url: there is no Statewave v1 API at this address";
    default:
      return "look at the log of Statewave, or of the proxy in front of it";
  }
}
