import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { Conversation, Wanted } from "../conversation.ts";
import { toTs } from "../slack-time.ts";
import { cursors } from "./cursor.ts";

/** By the conversations that are in it: what `include_dms` and `include_mpim` add can be read anew on its own. */
const streamNames = { channel: "channels", im: "dms", mpim: "group_dms" } as const satisfies Record<Conversation, string>;

export function streamOf(conversation: Conversation): string {
  return streamNames[conversation];
}

/** The parts that an entry reads separately. */
export function streams({ include_dms: dms, include_mpim: mpim }: Wanted): readonly string[] {
  return [streamNames.channel, ...(dms ? [streamNames.im] : []), ...(mpim ? [streamNames.mpim] : [])];
}

/** A cursor with which every conversation is read from an instant on. */
export function seedCursor(since: string): string {
  return cursors.format({ v: 1, since: toTs(Date.parse(since)), channels: {} });
}

/** A cursor with which the conversations of one stream are read anew. */
export function resetStream(wanted: Wanted, stored: string, stream: string): string {
  const cursor = cursors.parse(stored);
  assertStream(wanted, stream);
  const kept = Object.entries(cursor.channels).filter(([id, state]) => {
    // A cursor of an earlier release does not say what a conversation is; the id of a DM does.
    const conversation = state.conversation ?? (id.startsWith("D") ? "im" : "channel");
    return streamOf(conversation) !== stream;
  });
  const { roundMs: _, ...rest } = cursor;
  return cursors.format({ ...rest, channels: Object.fromEntries(kept) });
}

/** @throws SLACK_STREAM_UNKNOWN */
export function assertStream(wanted: Wanted, stream: string): void {
  const known = streams(wanted);
  if (known.includes(stream)) return;
  throw new ConnectorsError({
    code: "SLACK_STREAM_UNKNOWN",
    message: `the entry has no stream ${JSON.stringify(stream.slice(0, 40).toWellFormed())}`,
    hint: `name one of ${known.join(", ")}`,
  });
}
