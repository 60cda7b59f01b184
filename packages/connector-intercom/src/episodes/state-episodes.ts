import { type Episode, idempotencyKey, type SourcePointer } from "@statewave-connectors/connector-sdk";
import { headline } from "@statewave-connectors/connector-sdk/text";
import type { PartAuthor } from "./conversation.ts";
import { conversationSubject, type Frame } from "./frame.ts";
import { authorOf, nameOf } from "./person.ts";

/** The fields that every episode of a conversation has. */
export function episodeIn({ subject, session, title, url, metadata }: Frame, source: Omit<SourcePointer, "url">) {
  return { subject, session, source: { ...source, url }, metadata, ...(title !== "" && { title }) };
}

/** Undefined: who closed it is not known. */
export function closedEpisode(frame: Frame, by: PartAuthor, at: string): Episode {
  return {
    ...episodeIn(frame, { type: "intercom.conversation.resolution", id: `conversation:${frame.id}:resolution` }),
    kind: "intercom.conversation.closed",
    text: headline(by === undefined ? "The conversation was closed" : `${nameOf(by)} closed the conversation`, frame.title),
    occurred_at: at,
    outcome: { status: "closed" },
    ...(by !== undefined && { author: authorOf(by) }),
    idempotency_key: idempotencyKey("intercom", frame.app, frame.id, "closed", at),
  };
}

export function reopenedEpisode(frame: Frame, by: PartAuthor, at: string): Episode {
  return {
    ...episodeIn(frame, { type: "intercom.conversation.resolution", id: `conversation:${frame.id}:resolution` }),
    kind: "intercom.conversation.reopened",
    text: headline(`${nameOf(by)} reopened the conversation`, frame.title),
    occurred_at: at,
    outcome: { status: "reopened" },
    author: authorOf(by),
    idempotency_key: idempotencyKey("intercom", frame.app, frame.id, "reopened", at),
  };
}

/** All that is known of a deleted conversation is its id. */
export function deletedEpisode(app: string, id: string, at: string): Episode {
  return {
    subject: conversationSubject(app, id),
    session: `intercom-${app}-${id}`,
    kind: "intercom.conversation.deleted",
    text: "A conversation was deleted at Intercom",
    occurred_at: at,
    source: { type: "intercom.conversation", id: `conversation:${id}` },
    outcome: { status: "deleted" },
    metadata: { conversation_id: id },
    idempotency_key: idempotencyKey("intercom", app, id, "deleted"),
  };
}
