import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { type Fields, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { parseJsonBody } from "@statewave-connectors/connector-sdk/signature";

/** What Gmail says of a mailbox: that something changed in it, and not what. */
export interface Notification {
  /** Lower case. */
  readonly address: string;
}

/** A message of Pub/Sub, wrapped or as its mere data. */
export interface PubsubMessage {
  /** Undefined: a subscription that unwraps messages and does not write their metadata. */
  readonly id: string | undefined;
  /** Undefined: it is no notification of Gmail. */
  readonly notification: Notification | undefined;
}

/** Why a genuine message of Pub/Sub becomes a dead letter. */
export function noNotification(): ConnectorsError {
  return new ConnectorsError({
    code: "GMAIL_NOTIFICATION_UNMAPPABLE",
    message: "a message of Pub/Sub is no notification of Gmail",
    hint: "let only Gmail publish to the topic, then discard the dead letter",
  });
}

/** Reads what a push subscription sends. */
export function readPush({
  body,
  headers,
}: {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string | undefined>>;
}): PubsubMessage {
  const sent = toFields(parseJsonBody({ body }));
  const message = toFields(sent?.["message"]);
  if (message === undefined) return { id: headers["x-goog-pubsub-message-id"], notification: notificationIn(sent) };
  return readMessage(message);
}

/** Reads a message as Pub/Sub wraps it. */
export function readMessage(message: Fields): PubsubMessage {
  const id = stringField(message, "messageId") ?? stringField(message, "message_id");
  const data = stringField(message, "data");
  // Base64 by Pub/Sub's documentation, base64url by Gmail's: this takes both.
  const text = data === undefined ? new Uint8Array() : Buffer.from(data, "base64");
  return { id, notification: notificationIn(toFields(parseJsonBody({ body: text }))) };
}

const idForm = /^\d{1,20}$/;

/** The history id is only looked at: where the reading stands, the cursor knows. */
function notificationIn(data: Fields | undefined): Notification | undefined {
  const address = stringField(data, "emailAddress")?.trim().toLowerCase();
  const historyId = data?.["historyId"];
  const isId = (typeof historyId === "string" || typeof historyId === "number") && idForm.test(String(historyId));
  return address?.includes("@") === true && isId ? { address } : undefined;
}
