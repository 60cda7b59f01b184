import { type ReceivedRequest, refuse } from "@statewave-connectors/connector-sdk";
import { type Fields, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { answerChallenge, hmac, ignore, parseJsonBody, type Respond } from "@statewave-connectors/connector-sdk/signature";
import { isMarkType, isOnMessage } from "../episodes/mark.ts";
import { isOfOtherTeam } from "../episodes/origin.ts";
import { noNames } from "../names/names.ts";
import type { SlackPushOptions } from "../push-options.ts";
import { judge } from "./map-event.ts";
import type { Workspaces } from "./workspaces.ts";

/** https://docs.slack.dev/authentication/verifying-requests-from-slack: five minutes. Retries are signed again, so it may be strict. */
export const signature = hmac({
  header: "x-slack-signature",
  algorithm: "sha256",
  prefix: "v0=",
  timestamp: { header: "x-slack-request-timestamp", toleranceSeconds: 5 * 60 },
  signed: "v0:{timestamp}:{body}",
  secretOption: "signing_secret",
});

/** Slack's id of an event, the same in each of its deliveries. */
export function eventIdOf(request: ReceivedRequest): string | undefined {
  return stringField(toFields(parseJsonBody(request)), "event_id");
}

/**
 * Answers what is not stored. Slack disables an app that keeps answering errors, so whatever is signed and readable gets a 200, wanted or
 * not.
 */
export function respond(request: ReceivedRequest, options: SlackPushOptions, workspaces: Workspaces): Respond | undefined {
  const delivery = toFields(parseJsonBody(request));
  if (delivery === undefined) {
    return refuse(400, "invalid_json", "post only Event Subscriptions here: slash commands and interactivity need another URL");
  }
  switch (delivery["type"]) {
    case "event_callback":
      // What it says of the workspace itself makes no episode.
      if (workspaces.recordEvent(delivery, request.receivedAtMs)) return ignore("about_the_app");
      return isUnwanted(delivery, options) ? ignore("not_wanted") : undefined;
    case "url_verification":
      return answerChallenge(delivery["challenge"]);
    case "app_rate_limited":
      workspaces.recordRateLimit(delivery, request.receivedAtMs);
      return ignore("about_the_app");
    default:
      return ignore("type_not_mapped");
  }
}

/**
 * What an operator did not choose never touches the disk: DMs are private until opted in. An event too odd to judge is stored, so that it
 * ends where people can see it instead of vanishing; so is one whose channel is wanted by a name that has to be looked up at Slack.
 */
function isUnwanted(delivery: Fields, options: SlackPushOptions): boolean {
  const event = toFields(delivery["event"]);
  if (event === undefined) return false;
  const type = stringField(event, "type");
  if (type !== undefined && type !== "message" && !(isMarkType(type) && isOnMessage(event))) return true;
  if (isOfOtherTeam(delivery, options.team_id)) return true;
  return judge(delivery, options, noNames)?.isWanted === "no";
}
