import { type Fields, stringField } from "@statewave-connectors/connector-sdk/items";
import { editTimeOf } from "../episodes/occurrence.ts";
import { threadOf } from "../episodes/thread.ts";
import { compareTs, earlierBy, isSlackTs, toTs } from "../slack-time.ts";
import { type ChannelState, liveMs, type Window } from "./cursor.ts";
import { tsOf } from "./message-pages.ts";

/** Younger messages may still be on their way into the history. */
export const settleMs = 30_000;
const dayMs = 24 * 3_600_000;
/** Most replies come within a day; those to older messages are looked for less often. */
const fullEveryMs = 6 * 3_600_000;
/** Older threads that are requested one by one. */
const maxThreads = 50;
/** Between this age and {@link liveMs} every message is seen by a full look-back, several times over. */
const agingMs = liveMs - dayMs;

/** Before the first message of any channel. */
const beginning = "0.000000";

/**
 * The next closed window of a channel; undefined while nothing in it could be new. It reaches back beyond what was read, because history
 * shows no replies: only its parents show that one was added (`latest_reply`), and most threads begin after their first message was read.
 *
 * @param isSlow Slack allows so little that looking back is left to push.
 */
export function planWindow(state: ChannelState, nowMs: number, isSlow: boolean): Window | undefined {
  const latest = toTs(nowMs - settleMs);
  if (compareTs(latest, state.oldest) <= 0) return undefined;
  const failed = Object.keys(state.failed ?? {});
  if (state.repliedFull === undefined) return { from: state.oldest, latest, depth: "full", page: "", pending: failed };
  if (isSlow) return { from: state.oldest, latest, depth: "new", page: "", pending: failed };
  const isFull = compareTs(state.repliedFull, earlierBy(latest, fullEveryMs)) <= 0;
  // From the last full look on, not from now: what was alive then may have continued between two runs, for weeks.
  const from = earlier(state.oldest, isFull ? earlierBy(state.repliedFull, liveMs) : earlierBy(latest, dayMs));
  const older = Object.keys(state.threads).filter((thread) => compareTs(thread, from) < 0 && !failed.includes(thread));
  return { from, latest, depth: isFull ? "full" : "day", page: "", pending: isFull ? [...failed, ...older] : failed };
}

/** Up to when the replies and edits of a message are known. */
export function knownUntil(state: ChannelState, ts: string): string {
  if (compareTs(ts, state.oldest) > 0 || state.repliedFull === undefined) return beginning;
  const { replied, repliedFull } = state;
  const isRecent = replied !== undefined && compareTs(ts, earlierBy(replied, dayMs)) >= 0;
  return isRecent && compareTs(replied, repliedFull) > 0 ? replied : repliedFull;
}

/** The state with a page of history in its window, whose messages are given with a readable ts each. */
export function afterHistory(
  state: ChannelState,
  window: Window,
  messages: readonly Fields[],
  next: string | undefined,
): ChannelState {
  const pending = [...window.pending];
  const threads = { ...state.threads };
  let { max } = window;
  for (const message of messages) {
    const ts = tsOf(message);
    if (max === undefined || compareTs(ts, max) > 0) max = ts;
    const lastReply = stringField(message, "latest_reply");
    // A reply that is shown in the channel may bring along the times of its thread, whose first message has them, too.
    if (!isSlackTs(lastReply) || threadOf(message, ts) !== undefined) continue;
    const isKnown = compareTs(lastReply, knownUntil(state, ts)) <= 0;
    if (!isKnown && state.failed?.[ts] === undefined) pending.push(ts);
    const isAging = compareTs(ts, earlierBy(window.latest, agingMs)) < 0;
    if (isAging && compareTs(lastReply, earlierBy(window.latest, liveMs)) >= 0) threads[ts] = lastReply;
  }
  const { page: _, ...rest } = window;
  return {
    ...state,
    threads: newest(threads),
    window: { ...rest, pending, ...(next === undefined ? {} : { page: next }), ...(max === undefined ? {} : { max }) },
  };
}

/** The state with a page of the replies to the first pending thread. */
export function afterReplies(
  state: ChannelState,
  window: Window,
  lastReply: string | undefined,
  next: string | undefined,
): ChannelState {
  const { repliesPage: _, ...rest } = window;
  const [thread = "", ...others] = window.pending;
  const isOlder = state.threads[thread] !== undefined && lastReply !== undefined;
  const read = next === undefined ? withoutFailed(state, thread) : state;
  return {
    ...read,
    threads: isOlder ? { ...state.threads, [thread]: lastReply } : state.threads,
    window: next === undefined ? { ...rest, pending: others } : { ...rest, repliesPage: next },
  };
}

/** The state without the replies to the first pending thread from `since` on: they are requested again in each later window. */
export function afterFailedThread(state: ChannelState, window: Window, since: string): ChannelState {
  const { repliesPage: _, ...rest } = window;
  const [thread = "", ...others] = window.pending;
  // It goes behind the others that failed: the next window begins with another one.
  const failed = { ...withoutFailed(state, thread).failed, [thread]: since };
  return { ...state, failed, window: { ...rest, pending: others } };
}

function withoutFailed(state: ChannelState, thread: string): ChannelState {
  const { failed, ...rest } = state;
  const others = Object.entries(failed ?? {}).filter(([ts]) => ts !== thread);
  return others.length === 0 ? rest : { ...rest, failed: Object.fromEntries(others) };
}

/** The state when every page of the window is read. */
export function afterWindow(state: ChannelState, window: Window, nowMs: number): ChannelState {
  const { window: _, ...rest } = state;
  const isOver = (lastReply: string) => compareTs(lastReply, earlierBy(window.latest, liveMs)) < 0;
  const threads = Object.fromEntries(Object.entries(state.threads).filter(([, lastReply]) => !isOver(lastReply)));
  return {
    ...rest,
    oldest: window.max !== undefined && compareTs(window.max, state.oldest) > 0 ? window.max : state.oldest,
    ...(window.depth === "new" ? {} : { replied: window.latest }),
    ...(window.depth === "full" ? { repliedFull: window.latest } : {}),
    checkedMs: nowMs,
    threads,
  };
}

/** When the message was edited after that was last looked at; of a new one, whether it was edited at all. */
export function newEdit(state: ChannelState, message: Fields): string | undefined {
  const editedTs = editTimeOf(message);
  return editedTs !== undefined && compareTs(editedTs, knownUntil(state, tsOf(message))) > 0 ? editedTs : undefined;
}

function earlier(left: string, right: string): string {
  return compareTs(left, right) <= 0 ? left : right;
}

function newest(threads: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(threads);
  if (entries.length <= maxThreads) return { ...threads };
  return Object.fromEntries(entries.toSorted(([, left], [, right]) => compareTs(right, left)).slice(0, maxThreads));
}
