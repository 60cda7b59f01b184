import { type Received, type ReceivedRequest, refuse } from "@statewave-connectors/connector-sdk";
import { checkHmacSignature, type HmacSignature } from "@statewave-connectors/connector-sdk/signature";
import type { SlackPushOptions } from "./config.ts";
import { channelOf, conversationOf, wants } from "./conversation.ts";
import { type Fields, parseFields, stringField, toFields } from "./fields.ts";
import { isMarkType, isOnMessage } from "./mark.ts";
import type { Workspaces } from "./workspaces.ts";

/** https://docs.slack.dev/authentication/verifying-requests-from-slack: five minutes. Retries are signed anew, so it may be strict. */
const signature: HmacSignature = {
  header: "x-slack-signature",
  algorithm: "sha256",
  prefix: "v0=",
  timestamp: { header: "x-slack-request-timestamp", toleranceSeconds: 5 * 60 },
  signed: "v0:{timestamp}:{body}",
  secretOption: "signing_secret",
};

/** Slack's challenges have some 50 characters; a longer one is not echoed. */
const maxChallengeLength = 1024;

/** Slack disables an app that keeps answering errors, so whatever is signed and readable gets a 200, wanted or not. */
const ignored = (reason: string): Received => ({ type: "respond", response: { status: 200 }, ignored: reason });

/** Verifies the raw bytes, then decides whether the delivery is stored. Never throws. */
export function receive(request: ReceivedRequest, options: SlackPushOptions, workspaces: Workspaces): Received {
  const refusal = checkHmacSignature(request, signature, options.signing_secret);
  if (refusal !== undefined) return refusal;
  const delivery = parseFields(request.body);
  if (delivery === undefined) {
    return refuse(400, "invalid_json", "post only Event Subscriptions here: slash commands and interactivity need another URL");
  }
  switch (delivery["type"]) {
    case "event_callback":
      // Its word on the workspace itself is nothing to remember: no episode is made of it.
      return workspaces.hear(delivery, request.receivedAtMs) ? ignored("about_the_app") : takeEvent(delivery, options);
    case "url_verification":
      return answerChallenge(delivery["challenge"]);
    case "app_rate_limited":
      workspaces.hearLimited(delivery, request.receivedAtMs);
      return ignored("about_the_app");
    default:
      return ignored("type_not_mapped");
  }
}

function takeEvent(delivery: Fields, options: SlackPushOptions): Received {
  const event = toFields(delivery["event"]);
  if (event !== undefined && isUnwanted(event, options)) return ignored("not_wanted");
  const id = stringField(delivery, "event_id");
  return id === undefined ? { type: "event" } : { type: "event", id };
}

/**
 * What an operator did not ask for never touches the disk: DMs are private until opted in. An event too odd to judge is stored, so that
 * it ends where people can see it instead of vanishing; so is one whose channel is wanted by a name that takes asking Slack.
 */
function isUnwanted(event: Fields, options: SlackPushOptions): boolean {
  const type = stringField(event, "type");
  if (type !== undefined && type !== "message" && !(isMarkType(type) && isOnMessage(event))) return true;
  const channel = channelOf(event);
  if (channel === undefined) return false;
  return wants(options, conversationOf(event, channel, options), channel, undefined) === "no";
}

function answerChallenge(challenge: unknown): Received {
  if (typeof challenge !== "string" || challenge === "" || challenge.length > maxChallengeLength) {
    return refuse(400, "invalid_challenge");
  }
  // Plain text that no browser may take for a page: the body is the sender's.
  const headers = { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" };
  return { type: "respond", response: { status: 200, headers, body: challenge } };
}
