import type { Received, ReceivedRequest } from "@statewave-connectors/connector-sdk";
import { type Fields, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { hmac, ignore, parseJsonBody, type Respond } from "@statewave-connectors/connector-sdk/signature";
import { withoutNotes } from "../episodes/without-notes.ts";
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

const longestId = 255;

/** What becomes of a notification. It is stored under Intercom's id, which is the same when it is sent again. */
export function receive(request: ReceivedRequest, options: IntercomPushOptions): Received {
  const answered = respond(request, options);
  if (answered !== undefined) return answered;
  const notification = toFields(parseJsonBody(request));
  const id = stringField(notification, "id");
  const body = options.internal_notes ? undefined : bodyWithoutNotes(notification);
  return {
    type: "event",
    ...(id !== undefined && id.length <= longestId && { id }),
    ...(body !== undefined && { body }),
  };
}

/** Undefined: it holds no notes. A teammate may write one while reopening. */
function bodyWithoutNotes(notification: Fields | undefined): Uint8Array | undefined {
  const data = toFields(notification?.["data"]);
  const item = withoutNotes(data?.["item"]);
  if (item === data?.["item"]) return undefined;
  return new TextEncoder().encode(JSON.stringify({ ...notification, data: { ...data, item } }));
}

/**
 * Answers what is not stored. One app may be installed in several workspaces, and all of their notifications come to one address: those of
 * another workspace are genuine, so they are ignored. Refused, they would count as errors, for which Intercom suspends a subscription.
 */
function respond(request: ReceivedRequest, options: IntercomPushOptions): Respond | undefined {
  const notification = toFields(parseJsonBody(request));
  const isNotification = notification?.["type"] === "notification_event";
  const topic = stringField(notification, "topic") ?? "";
  const event = topicPattern.test(topic) ? topic : "unknown";
  if (isNotification && topic === "ping") return { ...ignore("ping"), event };
  const app = stringField(notification, "app_id");
  if (app !== undefined && app !== options.app_id) return { ...ignore("other_workspace"), event };
  // What cannot be judged is stored, and becomes a dead letter.
  if (!isNotification) return undefined;
  if (!mappedTopics.has(topic)) return { ...ignore("topic_not_mapped"), event };
  // What is not wanted never touches the disk.
  if (topic === "conversation.admin.noted" && !options.internal_notes) return { ...ignore("not_wanted"), event };
  return undefined;
}
