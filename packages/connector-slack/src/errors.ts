import {
  type AnswerFacts,
  type AnswerRow,
  type ProviderOptions,
  shownText,
  type Situation,
  type Verdict,
} from "@statewave-connectors/connector-sdk/http";
import { type Fields, stringField, toFields } from "@statewave-connectors/connector-sdk/items";

/** What Slack answers, or would answer to a request. */
export type SlackRefusal = Verdict & { readonly is: Situation; readonly message: string };

export const hints: NonNullable<ProviderOptions["hints"]> = {
  unauthorized:
    "install the app again and set `bot_token` to its Bot User OAuth Token: the present one is wrong, revoked, or its app was uninstalled",
  refused: "look the word up on the method's page at docs.slack.dev",
};

const unauthorized = new Set([
  "invalid_auth",
  "not_authed",
  "account_inactive",
  "token_revoked",
  "token_expired",
  "org_login_required",
  "not_allowed_token_type",
]);
const passing = new Set(["internal_error", "fatal_error", "service_unavailable", "request_timeout", "accesslimited"]);
/** What methods answer to a token that belongs to no workspace, when none is named. */
const withoutTeam = new Set(["missing_argument", "team_not_found", "team_access_not_granted"]);

/**
 * Slack refuses with HTTP 200, `ok: false` and a word.
 *
 * @see https://docs.slack.dev/reference/methods/conversations.history#errors
 */
export function slackRefusal(entry: string): AnswerRow {
  return (facts) => {
    const { status, format } = facts;
    if (format !== "json" || status === 429 || status >= 500) return undefined;
    const body = toFields(facts.body) ?? {};
    const word = stringField(body, "error");
    if (body["ok"] === false && word !== undefined) return verdictOf(word, body, facts, entry);
    return status === 200 && body["ok"] !== true ? { is: "bad_answer", said: "neither `ok` nor an error" } : undefined;
  };
}

function verdictOf(word: string, body: Fields, { requestName, about }: AnswerFacts, entry: string): Verdict {
  const message = `Slack answered ${shownText(word, 100)} to ${requestName}`;
  const channel = about?.split(",", 1)[0] ?? "that it requests";
  if (word === "ratelimited") return { is: "rate_limited" };
  if (unauthorized.has(word)) return { is: "unauthorized", message };
  if (passing.has(word)) return { is: "unavailable", message };
  if (withoutTeam.has(word)) return teamRequired(message);
  switch (word) {
    case "missing_scope":
      return missingScope(requestName, shownText(stringField(body, "needed") ?? "that Slack does not name", 100));
    case "channel_not_found":
      return channelNotFound(entry, channel);
    case "not_in_channel":
      return notInChannel(entry, channel);
    case "no_permission":
      return {
        is: "forbidden",
        message,
        hint: "type /invite @<app> in that channel, or take it out of `channels`",
      };
    case "thread_not_found":
      return { is: "not_found", code: "SLACK_THREAD_NOT_FOUND", message };
    case "invalid_cursor":
      return { is: "unavailable", code: "SLACK_PAGE_EXPIRED", message };
    default:
      return { is: "refused", message };
  }
}

/** @param scope As Slack names it; several are separated by commas. */
export function missingScope(requestName: string, scope: string): SlackRefusal {
  return {
    is: "forbidden",
    code: "SLACK_MISSING_SCOPE",
    message: `bot_token lacks the scope ${scope}, which Slack requires for ${requestName}`,
    hint: `add ${scope} under OAuth & Permissions → Bot Token Scopes, then install the app again`,
  };
}

export function channelNotFound(entry: string, channel: string): SlackRefusal {
  return {
    is: "not_found",
    code: "SLACK_CHANNEL_NOT_FOUND",
    message: `${entry} names the channel ${channel}, which does not exist or is private and without the app`,
    hint: "check `channels`; a private channel is seen only after /invite @<app> and with the scope groups:read",
  };
}

export function notInChannel(entry: string, channel: string): SlackRefusal {
  return {
    is: "forbidden",
    code: "SLACK_NOT_IN_CHANNEL",
    message: `${entry} names the channel ${channel}, which the app is not in`,
    hint: "type /invite @<app> in that channel, or take it out of `channels`",
  };
}

/** A token of an organization-wide install is good for several workspaces. */
export function teamRequired(message: string): SlackRefusal {
  return {
    is: "refused",
    code: "SLACK_TEAM_REQUIRED",
    message,
    hint: "set `team_id` to the id of the workspace to read, such as T0123ABCD: the app must be added to it",
  };
}
