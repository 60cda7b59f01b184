import type { SampleMark, WebhookSample } from "@statewave-connectors/connector-sdk/signature";
import type { IntercomPushOptions } from "../push-options.ts";

/** What Intercom sends to try an address, and when a customer begins a conversation. */
export function samples({ app_id }: IntercomPushOptions, { id, atMs }: SampleMark): readonly WebhookSample[] {
  const seconds = Math.floor(atMs / 1_000);
  const notification = (topic: string, item: object) => {
    const data = { type: "notification_event_data", item };
    return { name: topic, body: JSON.stringify({ type: "notification_event", app_id, id, topic, created_at: seconds, data }) };
  };
  const conversation = {
    type: "conversation",
    id: "1",
    created_at: seconds,
    updated_at: seconds,
    state: "open",
    open: true,
    source: {
      type: "conversation",
      id: "1",
      delivered_as: "customer_initiated",
      subject: "",
      body: `<p>This was never written. It was made to try a receiver: ${id}</p>`,
      author: { type: "user", id: "1", name: "A sample", email: "sample@example.com" },
      attachments: [],
    },
    contacts: { type: "contact.list", contacts: [{ type: "contact", id: "1" }] },
    conversation_parts: { type: "conversation_part.list", conversation_parts: [], total_count: 0 },
  };
  return [notification("ping", { type: "ping", message: id }), notification("conversation.user.created", conversation)];
}
