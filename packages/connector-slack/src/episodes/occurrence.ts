import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { type Fields, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { wordsOf } from "./message-content.ts";
import { isSlackTs } from "../slack-time.ts";

/** What happened to which message. */
export interface Occurrence {
  readonly action: "posted" | "edited" | "deleted";
  /** The message as it is now; of a deleted one, as it was. */
  readonly message: Fields;
  /** The message's id in its channel. */
  readonly ts: string;
  /** When it happened, as a Slack ts. */
  readonly atTs: string;
  /** The message before an edit, where it is known. */
  readonly previous?: Fields | undefined;
  /** The first message of its thread, where it was read with it. */
  readonly root?: Fields | undefined;
}

/** Why an event makes no episode; also the label it is counted under. */
export type SkipReason =
  | "not_a_message"
  | "excluded_conversation"
  | "ignored_subtype"
  | "unchanged_text"
  | "no_content"
  | "from_a_bot"
  | "too_short";

const postedSubtypes: ReadonlySet<string> = new Set(["me_message", "file_share", "bot_message", "thread_broadcast"]);

/** Reads a `message` event. https://docs.slack.dev/reference/events/message */
export function toOccurrence(event: Fields): Occurrence | SkipReason {
  const subtype = stringField(event, "subtype");
  if (subtype === undefined || postedSubtypes.has(subtype)) return toPosted(event);
  if (subtype === "message_changed") return toChange(event);
  if (subtype === "message_deleted") return toDeletion(event, requiredTs(event, "deleted_ts"));
  // Joins, archiving and the like; `message_replied` only repeats that a reply came, which arrives by itself.
  return "ignored_subtype";
}

function toChange(event: Fields): Occurrence | SkipReason {
  const message = toFields(event["message"]);
  if (message === undefined) throw unmappable("has no message");
  const subtype = stringField(message, "subtype");
  // A deleted message that has replies stays as a "tombstone": Slack reports its deletion as a change.
  if (subtype === "tombstone") return toDeletion(event, requiredTs(message, "ts"));
  if (subtype !== undefined && !postedSubtypes.has(subtype)) return "ignored_subtype";
  // Link previews, pins and reply counts change a message too. New words are news, and so is an edit of what is not shown here, such as a
  // card: the history shows the time of each.
  const previous = toFields(event["previous_message"]);
  const editedTs = editTimeOf(message);
  const hasNewWords = previous !== undefined && wordsOf(previous) !== wordsOf(message);
  const isEdit = hasNewWords || (editedTs !== undefined && editedTs !== editTimeOf(previous));
  // A reply that is shown in the channel as well is first heard of as a change.
  if (!isEdit && subtype === "thread_broadcast") return toPosted(message);
  if (!isEdit) return "unchanged_text";
  // An app's own update may carry no `edited`; then the event's time distinguishes the updates.
  return {
    action: "edited",
    message,
    ts: requiredTs(message, "ts"),
    atTs: editedTs ?? requiredTs(event, "ts"),
    previous,
  };
}

/** When a message was edited last, as a Slack ts. */
export function editTimeOf(message: Fields | undefined): string | undefined {
  const ts = stringField(toFields(message?.["edited"]), "ts");
  return isSlackTs(ts) ? ts : undefined;
}

function toPosted(message: Fields): Occurrence {
  const ts = requiredTs(message, "ts");
  return { action: "posted", message, ts, atTs: ts };
}

function toDeletion(event: Fields, ts: string): Occurrence {
  const previous = toFields(event["previous_message"]) ?? {};
  // A tombstone that is removed in its turn names USLACKBOT as its author.
  const { user: _, ...anonymous } = previous;
  const message = stringField(previous, "subtype") === "tombstone" ? anonymous : previous;
  return { action: "deleted", message, ts, atTs: requiredTs(event, "ts") };
}

export function requiredTs(fields: Fields, name: string): string {
  const ts = stringField(fields, name);
  if (!isSlackTs(ts)) throw unmappable(`has ${ts === undefined ? "no" : "an unreadable"} ${name}`);
  return ts;
}

/** A signed event that no rule of Slack's allows for. It becomes a dead letter: a newer version may understand it. */
export function unmappable(what: string): ConnectorsError {
  return new ConnectorsError({
    code: "SLACK_EVENT_UNMAPPABLE",
    message: `the Slack event ${what}`,
    hint: "retry the dead letter after an update of connector-slack, or discard it",
  });
}
