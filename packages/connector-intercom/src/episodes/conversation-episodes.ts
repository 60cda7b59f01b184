import { type Episode, idempotencyKey } from "@statewave-connectors/connector-sdk";
import { headline, messageText, oneLine } from "@statewave-connectors/connector-sdk/text";
import { bodyText, wordsOf } from "./body-text.ts";
import type { PartAuthor, Conversation } from "./conversation.ts";
import type { Frame } from "./frame.ts";
import { authorOf, isContact, nameOf } from "./person.ts";
import { closedEpisode, episodeIn } from "./state-episodes.ts";

/** What a conversation proves without its parts: that it began, that its first message was deleted, how it was rated, and that it is closed. */
export function conversationEpisodes(conversation: Conversation, frame: Frame, closings: readonly string[]): readonly Episode[] {
  return [
    createdEpisode(conversation, frame),
    ...(conversation.source.redacted ? [redactedEpisode(conversation, frame)] : []),
    ...unseenClosing(conversation, frame, closings),
    ...ratings(conversation, frame),
  ];
}

function createdEpisode({ source, created_at }: Conversation, frame: Frame): Episode {
  const { author } = source;
  const body = source.redacted ? "" : bodyText(source.body, source.attachments);
  const subject = oneLine(wordsOf(source.subject));
  const words = [subject === "" || body.startsWith(subject) ? "" : subject, body].filter((part) => part !== "").join("\n");
  const channel = source.type === "email" ? " by email" : "";
  const lead = `${nameOf(author)} wrote to ${isContact(author) ? "support" : (frame.contactName ?? "a customer")}${channel}`;
  return {
    ...episodeIn(frame, { type: "intercom.conversation", id: `conversation:${frame.id}` }),
    kind: "intercom.conversation.created",
    text: messageText({ lead, words }),
    occurred_at: created_at,
    author: authorOf(author),
    idempotency_key: idempotencyKey("intercom", frame.app, frame.id, "created"),
  };
}

/** Intercom gives no time of its own for the deletion of the first message. */
function redactedEpisode({ source: { author }, created_at, updated_at }: Conversation, frame: Frame): Episode {
  return {
    ...episodeIn(frame, { type: "intercom.conversation", id: `conversation:${frame.id}` }),
    kind: "intercom.conversation.redacted",
    text: headline(`The first message, by ${nameOf(author)}, was deleted`, frame.title),
    occurred_at: updated_at ?? created_at,
    author: authorOf(author),
    idempotency_key: idempotencyKey("intercom", frame.app, frame.id, "redacted"),
  };
}

/** The time in the statistics and that of the part may differ by so much, and are of one closing. */
const sameClosingMs = 10_000;

/** A closing without its part, as when the part is older than the newest 500. `closings`: the times of those that have one. */
function unseenClosing({ state, statistics }: Conversation, frame: Frame, closings: readonly string[]): readonly Episode[] {
  const closedAt = statistics?.last_close_at ?? undefined;
  if (state !== "closed" || closedAt === undefined) return [];
  const isSeen = closings.some((at) => Math.abs(Date.parse(at) - Date.parse(closedAt)) <= sameClosingMs);
  return isSeen ? [] : [closedEpisode(frame, undefined, closedAt)];
}

function ratings({ conversation_rating: rating, ai_agent: agent, source, created_at, updated_at }: Conversation, frame: Frame) {
  const contact: PartAuthor = isContact(source.author)
    ? source.author
    : { type: "contact", name: frame.contactName ?? "", email: "", from_ai_agent: false };
  const rated = (of: string, stars: number | null | undefined, remark: string, at: string | null | undefined) =>
    stars === undefined || stars === null
      ? []
      : [ratedEpisode(frame, contact, { of, stars, remark, at: at ?? updated_at ?? created_at })];
  return [
    ...rated("support", rating?.rating, rating?.remark ?? "", rating?.updated_at ?? rating?.created_at),
    ...rated("the AI agent", agent?.rating, agent?.rating_remark ?? "", agent?.updated_at),
  ];
}

interface Rated {
  readonly of: string;
  readonly stars: number;
  readonly remark: string;
  readonly at: string;
}

/** A remark is often added to a rating later: that is another episode. */
function ratedEpisode(frame: Frame, contact: PartAuthor, { of, stars, remark, at }: Rated): Episode {
  const lead = `${nameOf(contact)} rated ${of} ${stars} of 5`;
  const words = wordsOf(remark);
  const about = frame.title === "" ? undefined : `re: ${frame.title}`;
  return {
    ...episodeIn(frame, { type: "intercom.conversation.rating", id: `conversation:${frame.id}:rating` }),
    kind: "intercom.conversation.rated",
    text: words === "" ? headline(lead, frame.title) : messageText({ lead, words, about }),
    occurred_at: at,
    author: authorOf(contact),
    idempotency_key: idempotencyKey("intercom", frame.app, frame.id, "rated", of, stars, remark),
  };
}
