import { ConnectorsError } from "../contract/errors.ts";
import { escapeInvisible } from "../secrets/visible-text.ts";
import type { TokenEndpoint } from "./token-endpoint.ts";

/** Of an endpoint, what its errors are made from. */
export type NamedEndpoint = Pick<TokenEndpoint, "url" | "codePrefix" | "provider" | "hint">;

/** An answer of the endpoint that holds no token. */
export interface RefusedGrant {
  readonly status: number;
  readonly headers: Headers;
  /** `error` of the JSON body, e.g. `invalid_client`; undefined when the body has none. */
  readonly error: string | undefined;
  /** `error_description` of the JSON body. */
  readonly description: string | undefined;
  readonly scope: string | undefined;
  readonly nowMs: number;
}

/** RFC 6749 §5.2: these refuse the client or its grant; RFC 7523 §3.1 uses `invalid_grant` for an assertion. */
const refusedCredentials = new Set(["invalid_client", "invalid_grant", "unauthorized_client", "access_denied"]);
const defaultWaitMs = 60_000;
const longestWaitMs = 24 * 3_600_000;
const maxDescriptionLength = 200;

/** The error of an answer that holds no token. */
export function toTokenError(endpoint: NamedEndpoint, answer: RefusedGrant): ConnectorsError {
  const { status, error, scope } = answer;
  const message = saying(endpoint, answer);
  if (status === 429) {
    return new ConnectorsError({
      code: codeOf(endpoint, "RATE_LIMITED"),
      message,
      retryAtMs: answer.nowMs + waitMs(answer.headers),
    });
  }
  if (status >= 500 || status === 408 || error === "temporarily_unavailable") return tokenUnavailable(endpoint, message);
  if (error === "invalid_scope" || error === "insufficient_scope") {
    const wanted = scope === undefined ? "the scopes that the connector needs" : `the scope \`${scope}\``;
    return new ConnectorsError({
      code: codeOf(endpoint, "FORBIDDEN"),
      message,
      hint: `allow the client ${wanted} at ${endpoint.provider}`,
    });
  }
  if (status === 401 || status === 403 || (error !== undefined && refusedCredentials.has(error))) {
    return new ConnectorsError({ code: codeOf(endpoint, "UNAUTHORIZED"), message, hint: endpoint.hint });
  }
  return badTokenAnswer(endpoint, message);
}

/** The network, or an endpoint that is down. */
export function tokenUnavailable(endpoint: NamedEndpoint, message: string, cause?: unknown): ConnectorsError {
  return new ConnectorsError({
    code: codeOf(endpoint, "UNAVAILABLE"),
    message,
    retryable: true,
    ...(cause !== undefined && { cause }),
  });
}

/** An answer that no token endpoint gives: a proxy's page, a redirect, another service. */
export function badTokenAnswer(endpoint: NamedEndpoint, message: string): ConnectorsError {
  const hint = `check the address of ${endpoint.provider} and any proxy on the way`;
  return new ConnectorsError({ code: codeOf(endpoint, "BAD_ANSWER"), message, hint, retryable: true });
}

/** The request in words, without query: a URL may hold a key. */
export function requestName({ url }: Pick<TokenEndpoint, "url">): string {
  return `POST ${URL.parse(url)?.pathname ?? "/"}`;
}

function saying(endpoint: NamedEndpoint, { status, error, description }: RefusedGrant): string {
  const said = [error, description].filter((part) => part !== undefined && part !== "").join(", ");
  const reason = said === "" ? "" : `: ${escapeInvisible(said.slice(0, maxDescriptionLength))}`;
  return `${endpoint.provider} answered ${status} to ${requestName(endpoint)}${reason}`;
}

function codeOf({ codePrefix }: NamedEndpoint, kind: string): string {
  return `${codePrefix}_${kind}`;
}

function waitMs(headers: Headers): number {
  const seconds = headers.get("retry-after")?.trim() ?? "";
  const stated = /^\d{1,9}$/.test(seconds) ? Number(seconds) * 1_000 : defaultWaitMs;
  return Math.min(Math.max(stated, 1_000), longestWaitMs);
}
