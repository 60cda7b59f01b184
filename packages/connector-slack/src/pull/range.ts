import type { PullRange } from "@statewave-connectors/connector-sdk";
import { earlierBy, toTs } from "../slack-time.ts";
import type { ChannelState } from "./cursor.ts";
import { liveMs, settleMs } from "./window-plan.ts";

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
