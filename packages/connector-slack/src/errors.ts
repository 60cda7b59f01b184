import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { type Fields, stringField } from "./fields.ts";

/** What an error sentence names: the entry as it stands in the file, the method, and what was asked about. */
export interface Asked {
  /** `[[pull.slack]] name = "team"` */
  readonly entry: string;
  readonly method: string;
  /** A channel or user id, or the option that made us ask. */
  readonly about?: string | undefined;
}

/** A broken header must not park a source for years. */
const longestWaitMs = 24 * 3_600_000;
/** What Slack's limits are counted in: the wait when it names none. */
const defaultWaitMs = 60_000;

const unauthorized = new Set([
  "invalid_auth",
  "not_authed",
  "account_inactive",
  "token_revoked",
  "token_expired",
  "no_permission",
  "org_login_required",
  "not_allowed_token_type",
]);
const passing = new Set(["internal_error", "fatal_error", "service_unavailable", "request_timeout", "accesslimited"]);

/**
 * The error of a body with `ok: false`, which Slack sends as HTTP 200.
 *
 * @see https://docs.slack.dev/reference/methods/conversations.history#errors
 */
export function refusedError(body: Fields, asked: Asked, nowMs: number): ConnectorsError {
  const error = (stringField(body, "error") ?? "an unnamed error").slice(0, 100);
  const said = `Slack answered ${error} to ${askedWords(asked)}`;
  if (error === "ratelimited") return rateLimited(asked, undefined, nowMs);
  if (unauthorized.has(error)) {
    return new ConnectorsError({
      code: "SLACK_UNAUTHORIZED",
      message: said,
      hint: "install the app again and set `bot_token` to its Bot User OAuth Token: the present one is wrong, revoked, or its app was uninstalled",
    });
  }
  if (passing.has(error)) return unavailable(said);
  switch (error) {
    case "missing_scope":
      return missingScope(asked, stringField(body, "needed") ?? "one that Slack does not name");
    case "channel_not_found":
      return channelNotFound(asked.entry, asked.about ?? "it was asked for");
    case "not_in_channel":
      return notInChannel(asked.entry, asked.about ?? "the channel");
    case "thread_not_found":
      return new ConnectorsError({ code: "SLACK_THREAD_NOT_FOUND", message: said });
    case "invalid_cursor":
      return new ConnectorsError({ code: "SLACK_PAGE_EXPIRED", message: said, retryable: true });
    default:
      return new ConnectorsError({
        code: "SLACK_REFUSED",
        message: said,
        hint: "look the word up on the method's page at docs.slack.dev",
      });
  }
}

/** @param scope As Slack names it; several are separated by commas. */
export function missingScope({ entry, method, about }: Asked, scope: string): ConnectorsError {
  return new ConnectorsError({
    code: "SLACK_MISSING_SCOPE",
    message: `${entry} may not call ${askedWords({ entry, method, about }, false)}: its bot_token lacks the scope ${scope}`,
    hint: `add ${scope} under OAuth & Permissions → Bot Token Scopes, then install the app again`,
  });
}

export function channelNotFound(entry: string, channel: string): ConnectorsError {
  return new ConnectorsError({
    code: "SLACK_CHANNEL_NOT_FOUND",
    message: `${entry} names the channel ${channel}, which does not exist or is private and without the app`,
    hint: "check `channels`; a private channel is seen only after /invite @<app> and with the scope groups:read",
  });
}

export function notInChannel(entry: string, channel: string): ConnectorsError {
  return new ConnectorsError({
    code: "SLACK_NOT_IN_CHANNEL",
    message: `${entry} names the channel ${channel}, which the app is not in`,
    hint: "type /invite @<app> in that channel, or take it out of `channels`",
  });
}

/** @param retryAfter The header, in seconds. */
export function rateLimited(asked: Asked, retryAfter: string | undefined, nowMs: number): ConnectorsError {
  const waitMs = retryAfter !== undefined && /^\d+$/.test(retryAfter.trim()) ? Number(retryAfter) * 1_000 : defaultWaitMs;
  // The floor keeps a Retry-After of 0 from becoming a hot loop.
  const retryAtMs = nowMs + Math.min(Math.max(waitMs, 1_000), longestWaitMs);
  return new ConnectorsError({
    code: "SLACK_RATE_LIMITED",
    message: `Slack limits ${askedWords(asked)}; again after ${new Date(retryAtMs).toISOString()}`,
    retryAtMs,
  });
}

/** An answer that no Slack would give: a proxy's page, a cut-off body, a redirect. */
export function badAnswer(message: string, cause?: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "SLACK_BAD_ANSWER",
    message,
    hint: "check `base_url` and any proxy on the way",
    retryable: true,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The network, or a Slack that is down. */
export function unavailable(message: string, cause?: unknown): ConnectorsError {
  return new ConnectorsError({ code: "SLACK_UNAVAILABLE", message, retryable: true, ...(cause === undefined ? {} : { cause }) });
}

export function askedWords({ entry, method, about }: Asked, withEntry = true): string {
  return `${method}${about === undefined ? "" : ` (${about})`}${withEntry ? ` for ${entry}` : ""}`;
}
