import type { ReceiverSample } from "@statewave-connectors/testing";
import { FakeWorkspace, type Notification } from "../src/testing/index.ts";

const workspace = new FakeWorkspace({ nowMs: () => Date.UTC(2026, 0, 1) });
const begun = workspace.start({}, { subject: "Nightly import", body: "<p>It failed <b>again</b>.</p>" });
const { id } = begun;
const other = workspace.start({}, { body: "<p>The same once more</p>" });
const partOf = (notification: Notification): string => {
  const body = JSON.parse(notification.body) as {
    data: { item: { conversation_parts: { conversation_parts: { id: string }[] } } };
  };
  return body.data.item.conversation_parts.conversation_parts[0]?.id ?? "";
};
const replied = workspace.reply(id, { body: "<p>Which file?</p>" });

const sample = (name: string, { body }: Notification, kinds: readonly string[]): ReceiverSample => {
  const notification = JSON.parse(body) as { readonly id: string };
  return { name, body, id: notification.id, kinds: kinds.map((kind) => `intercom.conversation.${kind}`) };
};

/** One notification of each form, in the order of the events. */
export const samples: readonly ReceiverSample[] = [
  sample("a conversation", begun, ["created"]),
  sample("a reply of an agent", replied, ["created", "replied"]),
  sample("a note", workspace.note(id), ["created", "note_added"]),
  sample("a closing with words", workspace.close(id, { body: "<p>Done.</p>" }), ["created", "replied", "closed"]),
  sample("a rating", workspace.rate(id, 5, "quick"), ["created", "rated"]),
  sample("a reopening", workspace.reopen(id), ["created", "reopened", "rated"]),
  sample("an assignment without words", workspace.assign(id), ["created", "rated"]),
  sample("a merge", workspace.merge(other.id, id), ["created", "merged", "rated"]),
  sample("a message that was deleted", workspace.redact(id, partOf(replied)), ["created", "redacted", "rated"]),
  sample("a deletion", workspace.remove(id), ["deleted"]),
  { name: "a ping", body: workspace.notification("ping", { type: "ping", message: "hi" }).body, received: "respond" },
  {
    name: "a topic that makes no episode",
    body: workspace.notification("conversation.priority.updated", { type: "conversation", id }).body,
    received: "respond",
  },
];
