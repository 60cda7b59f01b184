import { type Fields, stringField } from "@statewave-connectors/connector-sdk/items";
import { type MessageReader, replyPages, tsOf } from "./message-pages.ts";

/** A thread that was read from its beginning to its end. */
export interface ThreadRead {
  /** The ts of its first message. */
  readonly thread: string;
  /** The ts of its last reply. */
  readonly last: string;
  /** Undefined: it was deleted. */
  readonly root: Fields | undefined;
  /** The newest, oldest of these first. */
  readonly replies: readonly Fields[];
  /** How many earlier replies there are. */
  readonly leftOut: number;
}

/** So much of a thread is held, as JSON: several times of what an episode takes. */
const maxHeldLength = 200_000;

/** Reads a thread up to an instant. Undefined: it has no replies any more. Holds its first message and its newest replies. */
export async function readThread(reader: MessageReader, thread: string, latest: string): Promise<ThreadRead | undefined> {
  let root: Fields | undefined;
  let replies: { readonly message: Fields; readonly length: number }[] = [];
  let leftOut = 0;
  let last: string | undefined;
  for await (const { read } of replyPages(reader, thread, { oldest: thread, latest }, "")) {
    for (const message of read.messages) {
      if (tsOf(message) === thread) {
        // One that was deleted leaves a tombstone, whose words are Slack's.
        root = stringField(message, "subtype") === "tombstone" ? undefined : message;
        continue;
      }
      last = tsOf(message);
      replies.push({ message, length: JSON.stringify(message).length });
    }
    const kept = newest(replies);
    leftOut += replies.length - kept.length;
    replies = kept;
  }
  return last === undefined ? undefined : { thread, last, root, replies: replies.map(({ message }) => message), leftOut };
}

/** At least the last one. */
function newest<Reply extends { readonly length: number }>(replies: readonly Reply[]): Reply[] {
  let length = 0;
  const first = replies.findLastIndex((reply) => (length += reply.length) > maxHeldLength);
  return replies.slice(Math.min(first + 1, Math.max(replies.length - 1, 0)));
}
