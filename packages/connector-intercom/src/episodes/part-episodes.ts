import { type Episode, idempotencyKey } from "@statewave-connectors/connector-sdk";
import { headline, messageText } from "@statewave-connectors/connector-sdk/text";
import { bodyText } from "./body-text.ts";
import type { ConversationPart } from "./conversation.ts";
import type { Frame } from "./frame.ts";
import { authorOf, nameOf } from "./person.ts";
import { closedEpisode, episodeIn, reopenedEpisode } from "./state-episodes.ts";
import { isNoteType } from "./without-notes.ts";

/** Why a part makes no episode. */
export type SkipReason = "internal_note" | "no_content";

/** Any of them may have words, too: an admin replies and closes in one step, and a customer reopens by replying. */
const reopenTypes: ReadonlySet<string> = new Set(["open", "note_and_reopen", "assign_and_reopen"]);

/** What a part proves: a message or a note, and a change of state. */
export function partEpisodes(
  part: ConversationPart,
  frame: Frame,
  { internal_notes: keepsNotes }: { readonly internal_notes: boolean },
): readonly Episode[] | SkipReason {
  const { part_type: type, created_at: at, author, redacted } = part;
  const isNote = isNoteType(type);
  const words = redacted ? "" : bodyText(part.body, part.attachments);
  const said = words === "" || (isNote && !keepsNotes) ? [] : [saidEpisode(part, words, frame)];
  const episodes = [
    ...said,
    ...(redacted && (!isNote || keepsNotes) ? [redactedEpisode(part, frame)] : []),
    ...(type === "close" ? [closedEpisode(frame, author, at)] : []),
    ...(reopenTypes.has(type) ? [reopenedEpisode(frame, author, at)] : []),
    ...(type.startsWith("merged_") ? [mergedEpisode(part, frame)] : []),
  ];
  if (episodes.length > 0) return episodes;
  return isNote && !keepsNotes ? "internal_note" : "no_content";
}

function saidEpisode({ id, part_type: type, created_at, author }: ConversationPart, words: string, frame: Frame): Episode {
  const isNote = isNoteType(type);
  const about = frame.title === "" ? undefined : `re: ${frame.title}`;
  const source = { type: isNote ? "intercom.note" : "intercom.reply", id: `conversation:${frame.id}:part:${id}` };
  return {
    ...episodeIn(frame, source),
    kind: isNote ? "intercom.conversation.note_added" : "intercom.conversation.replied",
    text: messageText({ lead: `${nameOf(author)} ${isNote ? "noted internally" : "replied"}`, words, about }),
    occurred_at: created_at,
    author: authorOf(author),
    idempotency_key: idempotencyKey("intercom", frame.app, "part", id),
  };
}

/** Its words are not repeated: they were taken out on purpose. */
function redactedEpisode({ id, created_at, updated_at, author }: ConversationPart, frame: Frame): Episode {
  return {
    ...episodeIn(frame, { type: "intercom.reply", id: `conversation:${frame.id}:part:${id}` }),
    kind: "intercom.conversation.redacted",
    text: headline(`A message by ${nameOf(author)} was deleted`, frame.title),
    occurred_at: updated_at ?? created_at,
    author: authorOf(author),
    idempotency_key: idempotencyKey("intercom", frame.app, "part", id, "redacted"),
  };
}

function mergedEpisode({ id, part_type: type, created_at, author }: ConversationPart, frame: Frame): Episode {
  const isSurvivor = type === "merged_primary_conversation";
  const did = isSurvivor ? "merged another conversation into this" : "merged this into another conversation";
  return {
    ...episodeIn(frame, { type: "intercom.conversation.merge", id: `conversation:${frame.id}:part:${id}` }),
    kind: "intercom.conversation.merged",
    text: headline(`${nameOf(author)} ${did}`, frame.title),
    occurred_at: created_at,
    author: authorOf(author),
    ...(!isSurvivor && { outcome: { status: "merged" } }),
    idempotency_key: idempotencyKey("intercom", frame.app, "part", id, "merged"),
  };
}
