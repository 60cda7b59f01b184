import { readResponseText } from "../http/read-response-text.ts";
import { fitsHeader } from "../options/fits-header.ts";
import { revealed } from "../secrets/secret.ts";
import type { IssuedToken } from "./cached-token.ts";
import type { GrantParameters, TokenEndpoint } from "./token-endpoint.ts";
import { badTokenAnswer, requestName, tokenUnavailable, toTokenError } from "./token-errors.ts";

/** What is sent. */
export interface Grant {
  readonly parameters: GrantParameters;
  readonly headers?: Readonly<Record<string, string>>;
}

const defaultTimeoutMs = 30_000;
/** Tokens have some kilobytes at most; JWTs with many claims are the longest. */
const maxAnswerBytes = 256 * 1024;

/**
 * POSTs one grant to a token endpoint (RFC 6749 §4.4.2) and returns the token of its answer. Redirects are not followed: the credentials
 * are for this address. Throws a `ConnectorsError`, or the reason of the signal.
 */
export async function requestToken(endpoint: TokenEndpoint, grant: Grant, signal: AbortSignal): Promise<IssuedToken> {
  const { status, headers, text } = await post(endpoint, grant, signal);
  const body = parseObject(text);
  const error = textOf(body["error"]);
  // Some providers refuse with status 200.
  if (status < 200 || status > 299 || error !== undefined) {
    const { scope } = grant.parameters;
    throw toTokenError(endpoint, {
      status,
      headers,
      error,
      description: textOf(body["error_description"]),
      scope: scope === undefined ? undefined : revealed(scope),
      nowMs: endpoint.clock.now(),
    });
  }
  const token = textOf(body["access_token"]);
  if (token === undefined || !fitsHeader(token)) {
    throw badTokenAnswer(endpoint, `${endpoint.provider}'s answer to ${requestName(endpoint)} holds no token`);
  }
  return { token, lifetimeMs: lifetimeOf(body["expires_in"]) };
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

async function post(endpoint: TokenEndpoint, grant: Grant, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
  const { clock, provider, timeoutMs = defaultTimeoutMs } = endpoint;
  const request = new AbortController();
  const cancel = () => request.abort();
  const cancelTimer = clock.after(timeoutMs, cancel);
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const answer = await send(endpoint, grant, request.signal);
    if (answer !== undefined) return answer;
  } catch (cause) {
    signal.throwIfAborted();
    const reason = request.signal.aborted ? `took over ${timeoutMs / 1_000} s` : "failed";
    throw tokenUnavailable(endpoint, `${requestName(endpoint)} at ${provider} ${reason}`, cause);
  } finally {
    cancelTimer();
    signal.removeEventListener("abort", cancel);
  }
  throw badTokenAnswer(endpoint, `${provider}'s answer to ${requestName(endpoint)} is larger than ${maxAnswerBytes} bytes`);
}

/** Undefined: the answer is too large. */
async function send({ url, fetch }: TokenEndpoint, grant: Grant, signal: AbortSignal): Promise<Answer | undefined> {
  const response = await fetch(url, {
    method: "POST",
    headers: { accept: "application/json", ...grant.headers },
    body: toForm(grant.parameters),
    redirect: "manual",
    signal,
  });
  const text = await readResponseText(response, maxAnswerBytes);
  return text === undefined ? undefined : { status: response.status, headers: response.headers, text };
}

function toForm(parameters: GrantParameters): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) form.append(name, revealed(value));
  return form;
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Seconds; some providers write the number as a text. */
function lifetimeOf(expiresIn: unknown): number | undefined {
  const seconds = typeof expiresIn === "string" && /^\d{1,12}$/.test(expiresIn) ? Number(expiresIn) : expiresIn;
  return typeof seconds === "number" && Number.isFinite(seconds) ? seconds * 1_000 : undefined;
}
