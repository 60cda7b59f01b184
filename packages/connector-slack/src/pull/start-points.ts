import type { PullRange } from "@statewave-connectors/connector-sdk";
import { entryStreams } from "@statewave-connectors/connector-sdk/options";
import type { Conversation, Wanted } from "../conversation.ts";
import { earlierBy, toTs } from "../slack-time.ts";
import { type ChannelState, cursors, liveMs } from "./cursor.ts";
import { settleMs } from "./window-plan.ts";

/** By the conversations that are in it: what `include_dms` and `include_mpim` add can be read again on its own. */
const streamNames = { channel: "channels", im: "dms", mpim: "group_dms" } as const satisfies Record<Conversation, string>;

type StreamName = (typeof streamNames)[Conversation];

export function streamOf(conversation: Conversation): StreamName {
  return streamNames[conversation];
}

/** The parts that an entry reads separately. */
export const streams = entryStreams<Wanted, StreamName>({
  kind: "slack",
  of: ({ include_dms: dms, include_mpim: mpim }) => [
    streamNames.channel,
    ...(dms ? [streamNames.im] : []),
    ...(mpim ? [streamNames.mpim] : []),
  ],
  reset(stored, stream) {
    const { states, beside, ...position } = cursors.parse(stored);
    const kept = Object.entries(states).filter(([id, state]) => {
      // A cursor of an earlier release does not say what a conversation is; the id of a DM does.
      const conversation = state.conversation ?? (id.startsWith("D") ? "im" : "channel");
      return streamOf(conversation) !== stream;
    });
    const { roundMs: _, ...rest } = beside;
    return cursors.format({ ...position, states: Object.fromEntries(kept), beside: rest });
  },
});

/** A cursor with which every conversation is read from an instant on. */
export function seedCursor(since: string): string {
  return cursors.format({ states: {}, beside: { since: toTs(Date.parse(since)) } });
}

/**
 * A channel of which everything before the range counts as read, with the window that reads the range. It looks back as far as threads
 * are followed, because replies are found by the first message of their thread.
 */
export function rangeStart({ since, until }: PullRange, nowMs: number): ChannelState {
  const before = toTs(Date.parse(since) - 1);
  const latest = toTs(Math.min(Date.parse(until), nowMs - settleMs));
  const window = { from: earlierBy(before, liveMs), latest, depth: "full" as const, page: "", pending: [] };
  return { oldest: before, replied: before, repliedFull: before, threads: {}, window };
}
