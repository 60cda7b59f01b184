import { ConnectorsError } from "@statewave-connectors/connector-sdk";

/** Who asks GitHub. */
export type CredentialsKind = "none" | "token" | "app";

/** What of an answer decides which error it is. */
export interface FailedAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The `message` of the body (of GraphQL: of its errors), or an empty string. */
  readonly message: string;
  /** What was asked for, without host and query: `GET /repos/acme/widgets/issues`. */
  readonly asked: string;
  readonly nowMs: number;
  readonly credentials: CredentialsKind;
}

/** GitHub asks for at least a minute after a secondary limit that names no time. */
const secondaryLimitWaitMs = 60_000;
/** No documented limit lasts longer than an hour; a broken header must not park a source for years. */
const longestWaitMs = 24 * 3_600_000;

/**
 * The error of an answer that is neither 2xx, 304 nor a redirect. A rate limit is looked for first: GitHub sends both limits as
 * 403 as well as 429, and a limit taken for a missing right would send people to change a token that is fine.
 */
export function toGithubError(answer: FailedAnswer): ConnectorsError {
  const retryAtMs = rateLimitRetryAtMs(answer);
  if (retryAtMs !== undefined) return rateLimited(answer, retryAtMs);
  const said = answer.message === "" ? "" : `: ${answer.message.slice(0, 200)}`;
  const message = `GitHub answered ${answer.status} to ${answer.asked}${said}`;
  switch (answer.status) {
    case 401:
      return new ConnectorsError({
        code: "GITHUB_UNAUTHORIZED",
        message,
        hint:
          answer.credentials === "app"
            ? "look at the app's settings at GitHub: the installation was suspended or removed"
            : "set `token` anew: it is wrong, expired or revoked",
      });
    case 403:
      return new ConnectorsError({ code: "GITHUB_FORBIDDEN", message, hint: missingRight(answer) });
    case 404:
    case 410:
      return new ConnectorsError({
        code: "GITHUB_NOT_FOUND",
        message,
        hint: `check its name, or \`exclude\` the stream: it does not exist, is switched off in the repository, or the token may not see it (GitHub answers alike); ${missingRight(answer)}`,
      });
    default:
      if (answer.status === 502 || answer.status === 504) return new OverloadedError(message);
      return answer.status >= 500 ? unavailable(message) : badAnswer(message);
  }
}

/**
 * When a limited request may be tried again, epoch milliseconds; undefined when the answer speaks of no limit. The order is GitHub's:
 * Retry-After, then the reset of an exhausted primary limit, then a minute for a secondary limit.
 *
 * @see https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
function rateLimitRetryAtMs({ status, headers, message, nowMs }: FailedAnswer): number | undefined {
  const isCarrier = status === 403 || status === 429 || status === 200;
  if (!isCarrier) return undefined;
  const after = retryAfterMs(headers, nowMs) ?? resetAfterMs(headers, nowMs);
  const isSecondary = status === 429 || /secondary rate|abuse detection|rate limit exceeded/i.test(message);
  const waitMs = after ?? (isSecondary ? secondaryLimitWaitMs : undefined);
  // The floor keeps a reset that has just passed from becoming a hot loop.
  return waitMs === undefined ? undefined : nowMs + Math.min(Math.max(waitMs, 1_000), longestWaitMs);
}

function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const text = headers.get("retry-after")?.trim() ?? "";
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : atMs - serverNowMs(headers, nowMs);
}

function resetAfterMs(headers: Headers, nowMs: number): number | undefined {
  const resetSeconds = Number(headers.get("x-ratelimit-reset") ?? Number.NaN);
  if (headers.get("x-ratelimit-remaining") !== "0" || !Number.isFinite(resetSeconds)) return undefined;
  // One second more, because both clocks are cut to seconds.
  return resetSeconds * 1_000 - serverNowMs(headers, nowMs) + 1_000;
}

/** Instants GitHub names are measured on GitHub's clock: ours may be minutes off. */
function serverNowMs(headers: Headers, nowMs: number): number {
  const dateMs = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(dateMs) ? nowMs : dateMs;
}

function rateLimited(answer: FailedAnswer, retryAtMs: number): ConnectorsError {
  const limit = answer.headers.get("x-ratelimit-limit");
  const which =
    answer.headers.get("x-ratelimit-remaining") === "0" && limit !== null
      ? `${limit} requests an hour are used up`
      : "too many requests";
  return new ConnectorsError({
    code: "GITHUB_RATE_LIMITED",
    message: `GitHub limits ${answer.asked}: ${which}; again after ${new Date(retryAtMs).toISOString()}`,
    retryAtMs,
    ...(answer.credentials !== "none" ? {} : { hint: "set `token`: without one GitHub allows 60 requests an hour" }),
  });
}

function missingRight({ headers, credentials }: FailedAnswer): string {
  if (credentials === "none") return "set `token` if it is private";
  const accepted = headers.get("x-accepted-github-permissions") ?? "";
  const named = accepted === "" ? "" : ` (GitHub names: ${accepted})`;
  const rights = `read access to Metadata, Contents, Issues and Pull requests of it${named}`;
  if (credentials === "app") return `the app needs ${rights}, and the installation must include the repository`;
  // Only classic tokens have scopes; GitHub lists them in every answer.
  const scopes = headers.get("x-oauth-scopes");
  if (scopes === null) return `the token needs ${rights}`;
  const has = scopes === "" ? "no scope" : `the scopes ${scopes}`;
  return `the classic token has ${has} and needs \`repo\` for a private repository, and the organization may demand that it is authorized for SSO`;
}

/** An answer that no GitHub would give: a proxy's page, a cut-off body, a link to another host. */
export function badAnswer(message: string, cause?: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "GITHUB_BAD_ANSWER",
    message,
    hint: "check `base_url` and any proxy on the way",
    retryable: true,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** GitHub gave up on an answer, or took too long: a smaller page may spare it the work. */
export class OverloadedError extends ConnectorsError {
  constructor(message: string) {
    super({ code: "GITHUB_UNAVAILABLE", message, retryable: true });
  }
}

/**
 * Asks with each of the page sizes in turn until GitHub is not overloaded by it.
 *
 * @see https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api#timeouts
 */
export async function askForLess<T>(sizes: readonly number[], ask: (size: number) => Promise<T>): Promise<T> {
  const [size, ...smaller] = sizes;
  try {
    return await ask(size!);
  } catch (error) {
    if (!(error instanceof OverloadedError) || smaller.length === 0) throw error;
    return await askForLess(smaller, ask);
  }
}

/** The network, or a GitHub that is down. */
export function unavailable(message: string, cause?: unknown): ConnectorsError {
  return new ConnectorsError({ code: "GITHUB_UNAVAILABLE", message, retryable: true, ...(cause === undefined ? {} : { cause }) });
}
