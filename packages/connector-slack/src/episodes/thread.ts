import { type Fields, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { messageId, type SlackNames } from "../names/names.ts";
import { beginningOf } from "./message-content.ts";
import type { Origin } from "./origin.ts";

/** So much of the message that an episode is about is repeated: more would make Statewave take the one for the other. */
const maxAbout = 100;

/** The first message of the thread that a message replies to; undefined for one that replies to none. */
export function threadOf(message: Fields, ts: string): string | undefined {
  // A reply that is shown in the channel need not name its thread: it brings the first message along.
  const root = stringField(message, "subtype") === "thread_broadcast" ? toFields(message["root"]) : undefined;
  const thread = stringField(message, "thread_ts") ?? stringField(root, "thread_ts") ?? stringField(root, "ts");
  return thread === ts ? undefined : thread;
}

/** Whether others have replied to a message. */
export function hasReplies(message: Fields, ts: string): boolean {
  const count = message["reply_count"];
  return (typeof count === "number" && count > 0) || stringField(message, "thread_ts") === ts;
}

/** The first message of a thread: the one that was read with the reply, or that the reply brings along, else what Slack says of it. */
export function rootOf(
  message: Fields,
  thread: string,
  read: Fields | undefined,
  origin: Origin,
  names: SlackNames,
): Fields | undefined {
  const brought = toFields(message["root"]);
  const hasWords = brought !== undefined && (stringField(brought, "text") !== undefined || brought["blocks"] !== undefined);
  const root = read ?? (hasWords ? brought : names.message(messageId(origin.channel, thread)));
  return stringField(root, "subtype") === "tombstone" ? undefined : root;
}

/** What a message is about that it does not say itself: the first words of what another says. */
export function aboutOf(word: "re" | "was", content: string): string | undefined {
  const words = beginningOf(content, maxAbout);
  return words === "" ? undefined : `${word}: ${words}`;
}
