import type { Episode } from "@statewave-connectors/connector-sdk";
import { stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { messageText } from "@statewave-connectors/connector-sdk/text";
import type { SlackNames } from "../names/names.ts";
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
  readonly names: SlackNames;
  /** The ts of the thread's first message when the message is a reply. */
  readonly replyTo: string | undefined;
  /** The other party of a DM. */
  readonly counterpart: string | undefined;
  readonly writer: Writer;
}

const maxTitle = 100;

/**
 * Who says it to whom and where, the message's words and what they are about; the title is the first words of the thread, or of the message
 * itself. Undefined when it says nothing.
 */
export function write(said: Said): Pick<Episode, "text" | "title"> | undefined {
  const { action, message, ts, origin, names, previous, replyTo, root, writer } = said;
  const place = placeOf(origin, names);
  // Without its words: the person who deleted it did not want them repeated.
  if (action === "deleted") {
    const posted = toIsoTime(ts).slice(0, "2025-01-31T09:30".length).replace("T", " ");
    return { text: `A message by ${writer.label} in ${place} was deleted, posted ${posted} UTC` };
  }
  // Before the words: only so many names are looked up, and those of the lead matter most.
  const lead = leadTo(said, place);
  const words = contentOf(message, names);
  if (words === "") return undefined;
  const replaced = previous === undefined ? "" : contentOf(previous, names);
  const first = root === undefined ? "" : contentOf(root, names);
  const about = aboutOf("was", replaced) ?? aboutOf("re", first);
  const title = beginningOf(replyTo === undefined ? words : first, maxTitle);
  return { text: messageText({ lead, words, about }), ...(title !== "" && { title }) };
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
