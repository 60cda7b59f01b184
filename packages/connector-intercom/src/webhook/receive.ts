import { type ReceivedRequest, refuse } from "@statewave-connectors/connector-sdk";
import { stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { hmac, ignore, parseJsonBody, type Respond } from "@statewave-connectors/connector-sdk/signature";
import type { IntercomPushOptions } from "../push-options.ts";

/** No time is signed: the id of a notification is what keeps it from being stored twice. */
export const signature = hmac({
  header: "x-hub-signature",
  algorithm: "sha1",
  prefix: "sha1=",
  secretOption: "client_secret",
});

/** Topics whose notifications become episodes. The others of a conversation change what no episode reports. */
const mappedTopics: ReadonlySet<string> = new Set([
  "conversation.user.created",
  "conversation.user.replied",
  "conversation.admin.single.created",
  "conversation.admin.replied",
  "conversation.admin.noted",
  "conversation.admin.assigned",
  "conversation.admin.open.assigned",
  "conversation.admin.snoozed",
  "conversation.admin.closed",
  "conversation.admin.opened",
  "conversation.operator.replied",
  "conversation.rating.added",
  "conversation.deleted",
  "conversation_part.redacted",
]);

/** Of every topic that Intercom documents: lower-case words with dots. Anything else is not shown as one. */
const topicPattern = /^[a-z_]{1,40}(?:\.[a-z_]{1,40}){0,4}$/;

/** Intercom's id of a notification, the same when it is sent again. */
export function notificationIdOf(request: ReceivedRequest): string | undefined {
  return stringField(toFields(parseJsonBody(request)), "id");
}

/**
 * Answers what is not stored. One app may be installed in several workspaces, and all of their notifications come to one address: those of
 * another workspace are genuine, so they are ignored. Refused, they would count as errors, for which Intercom suspends a subscription.
 */
export function respond(request: ReceivedRequest, options: IntercomPushOptions): Respond | undefined {
  const notification = toFields(parseJsonBody(request));
  if (notification?.["type"] !== "notification_event") {
    return refuse(400, "not_a_notification", "post only webhooks of the Developer Hub here");
  }
  const topic = stringField(notification, "topic") ?? "";
  const event = topicPattern.test(topic) ? topic : "unknown";
  if (topic === "ping") return { ...ignore("ping"), event };
  const app = stringField(notification, "app_id");
  if (app !== undefined && app !== options.app_id) return { ...ignore("other_workspace"), event };
  if (!mappedTopics.has(topic)) return { ...ignore("topic_not_mapped"), event };
  // What is not wanted never touches the disk.
  if (topic === "conversation.admin.noted" && !options.internal_notes) return { ...ignore("not_wanted"), event };
  return undefined;
}
