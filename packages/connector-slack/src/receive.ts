import {
  isFreshTimestamp,
  type Received,
  type ReceivedRequest,
  refuse,
  type Secret,
  verifyHmac,
} from "@statewave-connectors/connector-sdk";
import type { SlackPushOptions } from "./config.ts";
import { channelOf, conversationOf, wants } from "./conversation.ts";
import { type Fields, parseFields, stringField, toFields } from "./fields.ts";
import { isMarkType, isOnMessage } from "./mark.ts";
import type { Workspaces } from "./workspaces.ts";

/** https://docs.slack.dev/authentication/verifying-requests-from-slack: five minutes. Retries are signed anew, so it may be strict. */
const signatureToleranceSeconds = 5 * 60;

/** Slack's challenges have some 50 characters; a longer one is not echoed. */
const maxChallengeLength = 1024;

/** Slack disables an app that keeps answering errors, so whatever is signed and readable gets a 200, wanted or not. */
const ignored: Received = { type: "respond", response: { status: 200 } };

/** Verifies the raw bytes, then decides whether the delivery is stored. Never throws. */
export function receive(request: ReceivedRequest, options: SlackPushOptions, workspaces: Workspaces): Received {
  const refusal = checkSignature(request, options.signing_secret);
  if (refusal !== undefined) return refusal;
  const delivery = parseFields(request.body);
  if (delivery === undefined) {
    return refuse(400, "invalid_json", "only Event Subscriptions post here; slash commands and interactivity need another URL");
  }
  switch (delivery["type"]) {
    case "event_callback":
      // Its word on the workspace itself is nothing to remember: no episode is made of it.
      return workspaces.hear(delivery, request.receivedAtMs) ? ignored : takeEvent(delivery, options);
    case "url_verification":
      return answerChallenge(delivery["challenge"]);
    case "app_rate_limited":
      workspaces.hearLimited(delivery, request.receivedAtMs);
      return ignored;
    default:
      return ignored;
  }
}

function checkSignature(request: ReceivedRequest, secrets: readonly Secret[]): Received | undefined {
  const timestamp = request.headers["x-slack-request-timestamp"];
  const signature = request.headers["x-slack-signature"];
  if (timestamp === undefined || signature === undefined) return refuse(401, "missing_signature");
  if (!isFreshTimestamp(timestamp, request.receivedAtMs, signatureToleranceSeconds)) {
    return refuse(401, "stale_timestamp", "the signed time is more than 5 minutes off; check both clocks");
  }
  const matches =
    signature.startsWith("v0=") &&
    verifyHmac({ algorithm: "sha256", secrets, signed: [`v0:${timestamp}:`, request.body], signature: signature.slice(3) });
  return matches ? undefined : refuse(401, "invalid_signature", "check signing_secret");
}

function takeEvent(delivery: Fields, options: SlackPushOptions): Received {
  const event = toFields(delivery["event"]);
  if (event !== undefined && isUnwanted(event, options)) return ignored;
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
