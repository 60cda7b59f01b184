import type { SampleMark, WebhookSample } from "@statewave-connectors/connector-sdk/signature";

/** A notification as Pub/Sub pushes it. It names a mailbox that no entry has, so that no other one is read first for it. */
export function samples(_options: unknown, { id, atMs }: SampleMark): readonly WebhookSample[] {
  const notification = { emailAddress: "sample@statewave.invalid", historyId: "1" };
  const data = Buffer.from(JSON.stringify(notification)).toString("base64");
  const message = { data, messageId: id, publishTime: new Date(atMs).toISOString() };
  return [{ name: "notification", body: JSON.stringify({ message, subscription: "projects/sample/subscriptions/sample" }) }];
}
