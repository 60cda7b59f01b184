import { type Episode, idempotencyKey } from "@statewave-connectors/connector-sdk";
import type { Fields } from "@statewave-connectors/connector-sdk/items";
import { cutText, maxTextBytes, oneLine, shorten } from "@statewave-connectors/connector-sdk/text";
import type { SlackNames } from "../names/names.ts";
import type { ThreadRead } from "../pull/read-thread.ts";
import { toIsoTime } from "../slack-time.ts";
import { writerOf } from "./author.ts";
import { leadOf } from "./lead.ts";
import { beginningOf, contentOf } from "./message-content.ts";
import { kindPrefix } from "./message-episode.ts";
import { type NoiseOptions, noiseReason } from "./noise.ts";
import { toOccurrence } from "./occurrence.ts";
import { linkTo, metadataOf, type Origin, subjectOf } from "./origin.ts";
import { placeOf } from "./place.ts";
import { memoryOf } from "./small-talk.ts";

/** Statewave keeps so many characters of a text as its summary. */
const summaryLength = 500;
const maxRootLength = 160;
const maxTitle = 100;
/** Left for what stands around the messages. */
const spareBytes = 1_000;

/** A thread as one text; undefined where no reply says anything. A revived thread gives a further one: its key has the last reply. */
export function toThreadDigest(read: ThreadRead, origin: Origin, names: SlackNames, noise: NoiseOptions): Episode | undefined {
  const { thread, last, root, replies, leftOut } = read;
  const { conversation, channel, teamId } = origin;
  const lead = leadOf((cut) => `Thread in ${cut(placeOf(origin, names))}`);
  const first = root === undefined ? "" : lineOf(root, origin, names);
  const said = replies.filter((reply) => saysSomething(reply, root, noise)).map((reply) => lineOf(reply, origin, names));
  const lines = said.filter((line) => line !== "");
  if (lines.length === 0) return undefined;
  const title = root === undefined ? "" : beginningOf(contentOf(root, names), maxTitle);
  const kind = `${kindPrefix[conversation]}.thread.digested`;
  return {
    subject: subjectOf(origin, conversation === "im" ? names.channel(channel)?.counterpart : undefined),
    kind,
    text: cutText(textOf(lead, first, lines, leftOut)),
    occurred_at: toIsoTime(last),
    source: {
      type: `${kindPrefix[conversation]}.thread`,
      id: `${channel}:${thread}`,
      ...linkTo(origin, thread, undefined, names),
    },
    idempotency_key: idempotencyKey("slack", teamId, channel, thread, kind, last),
    session: `slack-${channel}-${thread}`,
    ...(title !== "" && { title }),
    metadata: metadataOf(origin, last, { thread_ts: thread, replies: replies.length + leftOut }),
  };
}

function saysSomething(reply: Fields, root: Fields | undefined, noise: NoiseOptions): boolean {
  const occurrence = toOccurrence(reply);
  if (typeof occurrence === "string" || noiseReason(occurrence, noise) !== undefined) return false;
  return memoryOf({ ...occurrence, root }) === undefined;
}

/** `Ann: the words`; empty where there are none. */
function lineOf(message: Fields, origin: Origin, names: SlackNames): string {
  const words = contentOf(message, names);
  return words === "" ? "" : `${writerOf(message, origin, names).label}: ${words}`;
}

/** All on one line in the summary, cut if they are too long. If one was cut, the whole thread follows, or as much of its end as fits. */
function textOf(lead: string, first: string, lines: readonly string[], leftOut: number): string {
  const begun = first === "" ? [] : [shorten(oneLine(first), maxRootLength)];
  const room = summaryLength - [`${lead}:`, ...begun].join(" ").length;
  const summary = [`${lead}:`, ...begun, ...evenly(lines.map(oneLine), room)].join(" ");
  const whole = [...(first === "" ? [] : [first]), ...lines];
  const isWhole = leftOut === 0 && whole.every((line) => !line.includes("\n") && summary.includes(line));
  return isWhole ? summary : `${summary}\n\n${newestOf(first, lines, leftOut)}`;
}

/** The lines in so much room, with a space before each: short ones whole, long ones with the same part of what is left. */
function evenly(lines: readonly string[], room: number): readonly string[] {
  const lengths = lines.map((line) => line.length + 1).toSorted((left, right) => left - right);
  let left = room;
  let share = 0;
  for (const [at, length] of lengths.entries()) {
    share = left / (lengths.length - at);
    if (length > share) break;
    left -= length;
    share = length;
  }
  const most = Math.max(Math.floor(share) - 1, 1);
  return lines.map((line) => shorten(line, Math.max(most, line.length <= most ? line.length : most)));
}

function newestOf(first: string, lines: readonly string[], leftOut: number): string {
  let bytes = Buffer.byteLength(first) + spareBytes;
  const from = lines.findLastIndex((line) => (bytes += Buffer.byteLength(line) + 1) > maxTextBytes - summaryLength * 4) + 1;
  const kept = lines.slice(Math.min(from, lines.length - 1));
  const missing = leftOut + lines.length - kept.length;
  const note = missing === 0 ? [] : [`[${missing} earlier ${missing === 1 ? "reply is" : "replies are"} left out]`];
  return [...(first === "" ? [] : [first]), ...note, ...kept].join("\n");
}
