import { type Author, type Episode, idempotencyKey } from "@statewave-connectors/connector-sdk";
import { messageText, oneLine } from "@statewave-connectors/connector-sdk/text";
import type { Account } from "../account.ts";
import type { ItemOf } from "../items.ts";
import { bodyOf } from "./body.ts";
import { customer, external, frameOf, member, requesterName } from "./frame.ts";

export const internalNote = "freshdesk.conversation.internal_note";

/** A reply or a note. */
export function conversationEpisode(item: ItemOf<"conversation">, account: Account): Episode {
  const { ticket, conversation, names } = item;
  const { id, private: isPrivate, body, body_text, attachments } = conversation;
  const author = authorOf(item);
  const lead = isPrivate ? `${author.name} noted` : leadOf(item, author);
  const frame = frameOf(account, ticket, { type: "freshdesk.conversation", id: `conversations/${id}` });
  return {
    ...frame,
    kind: isPrivate ? internalNote : "freshdesk.conversation.posted",
    text: messageText({ lead, words: bodyOf(body, body_text, attachments ?? []), about: aboutOf(ticket.subject) }),
    occurred_at: conversation.created_at,
    author,
    metadata: { ...frame.metadata, conversation_id: id },
    // Without its ticket: a merge moves the conversations of one ticket to another.
    idempotency_key: idempotencyKey("freshdesk", account.domain, "conversation", id),
  };

  function leadOf({ conversation: { incoming } }: ItemOf<"conversation">, { name }: Author): string {
    return incoming
      ? `${name}${names.company === undefined ? "" : ` (${names.company})`}`
      : `${name} to ${customer(ticket, names)}`;
  }
}

function authorOf({ ticket, conversation, names }: ItemOf<"conversation">): Author {
  const { incoming, user_id: user, from_email: from } = conversation;
  if (incoming) {
    const isRequester = user === undefined || user === ticket.requester_id;
    return external(isRequester ? requesterName(ticket, names) : (names.author ?? senderName(from) ?? "a customer"));
  }
  if (user === undefined) return { name: "Freshdesk", kind: "bot" };
  return member(names.author ?? "an agent");
}

/** The name in `Ann Lee <ann@example.com>`; the address alone is none. */
function senderName(from: string): string | undefined {
  const end = from.indexOf("<");
  const name = end === -1 ? "" : oneLine(from.slice(0, end)).replaceAll('"', "").trim();
  return name === "" ? undefined : name;
}

function aboutOf(subject: string): string {
  const title = oneLine(subject);
  return title === "" ? "" : `re: ${title}`;
}
