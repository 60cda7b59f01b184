import { stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { messageText } from "@statewave-connectors/connector-sdk/text";
import type { Names } from "../names/names.ts";
import { toIsoTime } from "../slack-time.ts";
import { userLabel, type Writer, writerOf } from "./author.ts";
import { leadOf } from "./lead.ts";
import { beginningOf, contentOf } from "./message-content.ts";
import type { Occurrence } from "./occurrence.ts";
import type { Origin } from "./origin.ts";
import { placeOf } from "./place.ts";
import { aboutOf } from "./thread.ts";

/** Everything the words of an episode are written from. */
export interface Said extends Occurrence {
  readonly origin: Origin;
  readonly names: Names;
  /** The ts of the thread's first message when the message is a reply. */
  readonly replyTo: string | undefined;
  /** The other party of a DM. */
  readonly counterpart: string | undefined;
  readonly writer: Writer;
}

const maxTitle = 100;

/** What the conversation is about: the first words of its thread, or of the message itself. */
export function titleOf({ action, message, names, replyTo, root }: Said): { title?: string } {
  const first = replyTo === undefined ? message : root;
  const title = action === "deleted" || first === undefined ? "" : beginningOf(first, names, maxTitle);
  return title === "" ? {} : { title };
}

/** Who says it to whom and where, the message's words, and what they are about. */
export function textOf(said: Said): string {
  const { action, message, ts, origin, names, previous, root, writer } = said;
  const place = placeOf(origin, names);
  // Without its words: the person who deleted it did not want them repeated.
  if (action === "deleted") {
    const posted = toIsoTime(ts).slice(0, "2025-01-31T09:30".length).replace("T", " ");
    return `A message by ${writer.label} in ${place} was deleted, posted ${posted} UTC`;
  }
  const about = aboutOf("was", previous, names) ?? aboutOf("re", root, names);
  return messageText({ lead: leadTo(said, place), words: contentOf(message, names), about });
}

function leadTo(said: Said, place: string): string {
  const { action, names, replyTo, counterpart, writer } = said;
  if (action === "edited") return editLead(said, place);
  const whom = replyTo === undefined ? undefined : whomOf(said);
  const isToOther = counterpart !== undefined && counterpart !== writer.userId;
  const to = whom ?? (isToOther ? userLabel(counterpart, names) : undefined);
  const thread = replyTo !== undefined && whom === undefined ? "a thread of " : "";
  return leadOf((cut) => `${cut(writer.label)}${to === undefined ? "" : ` to ${cut(to)}`} in ${thread}${cut(place)}`);
}

function editLead({ message, names, writer }: Said, place: string): string {
  const editor = stringField(toFields(message["edited"]), "user");
  const isOther = editor !== undefined && writer.userId !== undefined && editor !== writer.userId;
  return leadOf((cut) => {
    const who = isOther ? `${cut(userLabel(editor, names))} edited ${cut(writer.label)}` : `${cut(writer.label)} edited`;
    return `${who} in ${cut(place)}`;
  });
}

/** Whose message began the thread; undefined: it is not known, or the same who replies. */
function whomOf({ message, origin, names, writer, root }: Said): string | undefined {
  const parent = stringField(message, "parent_user_id");
  if (root === undefined) return parent === undefined || parent === writer.userId ? undefined : userLabel(parent, names);
  const { label } = writerOf(root, origin, names);
  return label === writer.label || label === "someone" ? undefined : label;
}
