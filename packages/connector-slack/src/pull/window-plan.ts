import type { ChannelState, Window } from "./cursor.ts";
import { type Fields, stringField, toFields } from "./fields.ts";
import { compareTs, earlierBy, isSlackTs, toTs } from "./slack-time.ts";

/** Younger messages may still be on their way into the history. */
const settleMs = 30_000;
const dayMs = 24 * 3_600_000;
/** A thread without a reply for so long is over. */
const liveMs = 14 * dayMs;
/** Most replies come within a day; those to older messages are looked for less often. */
const fullEveryMs = 6 * 3_600_000;
/** Older threads that are asked about one by one. */
const maxThreads = 50;
/** Between this age and {@link liveMs} every message is seen by a full look-back, several times over. */
const agingMs = liveMs - dayMs;

/** Before the first message of any channel. */
const beginning = "0.000000";

/**
 * The next closed window of a channel; undefined while nothing in it could be new. It reaches back beyond what was read, because history
 * shows no replies: only its parents tell that one came (`latest_reply`), and most threads begin after their first message was read.
 *
 * @param isSlow Slack allows so little that looking back is left to push.
 */
export function planWindow(state: ChannelState, nowMs: number, isSlow: boolean): Window | undefined {
  const latest = toTs(nowMs - settleMs);
  if (compareTs(latest, state.oldest) <= 0) return undefined;
  if (state.repliedFull === undefined) return { from: state.oldest, latest, depth: "full", page: "", pending: [] };
  if (isSlow) return { from: state.oldest, latest, depth: "new", page: "", pending: [] };
  const isFull = compareTs(state.repliedFull, earlierBy(latest, fullEveryMs)) <= 0;
  // From the last full look on, not from now: what was alive then may have gone on while nobody looked, for weeks.
  const from = earlier(state.oldest, isFull ? earlierBy(state.repliedFull, liveMs) : earlierBy(latest, dayMs));
  const older = Object.keys(state.threads).filter((thread) => compareTs(thread, from) < 0);
  return { from, latest, depth: isFull ? "full" : "day", page: "", pending: isFull ? older : [] };
}

/** Up to when the replies and edits of a message are known. */
export function knownUntil(state: ChannelState, ts: string): string {
  if (compareTs(ts, state.oldest) > 0 || state.repliedFull === undefined) return beginning;
  const isRecent = state.replied !== undefined && compareTs(ts, earlierBy(state.replied, dayMs)) >= 0;
  return isRecent && compareTs(state.replied!, state.repliedFull) > 0 ? state.replied! : state.repliedFull;
}

/** The state with a page of history in its window, whose messages are given with a readable ts each. */
export function afterHistory(state: ChannelState, window: Window, messages: readonly Fields[], next: string): ChannelState {
  const pending = [...window.pending];
  const threads = { ...state.threads };
  let { max } = window;
  for (const message of messages) {
    const ts = stringField(message, "ts")!;
    if (max === undefined || compareTs(ts, max) > 0) max = ts;
    const lastReply = stringField(message, "latest_reply");
    if (!isSlackTs(lastReply)) continue;
    if (compareTs(lastReply, knownUntil(state, ts)) > 0) pending.push(ts);
    const isAging = compareTs(ts, earlierBy(window.latest, agingMs)) < 0;
    if (isAging && compareTs(lastReply, earlierBy(window.latest, liveMs)) >= 0) threads[ts] = lastReply;
  }
  const { page: _, ...rest } = window;
  return {
    ...state,
    threads: newest(threads),
    window: { ...rest, pending, ...(next === "" ? {} : { page: next }), ...(max === undefined ? {} : { max }) },
  };
}

/** The state with a page of the replies to the first pending thread. */
export function afterReplies(state: ChannelState, window: Window, lastReply: string | undefined, next: string): ChannelState {
  const { repliesPage: _, ...rest } = window;
  const [thread, ...others] = window.pending;
  const isOlder = thread !== undefined && state.threads[thread] !== undefined && lastReply !== undefined;
  return {
    ...state,
    threads: isOlder ? { ...state.threads, [thread]: lastReply } : state.threads,
    window: next === "" ? { ...rest, pending: others } : { ...rest, repliesPage: next },
  };
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
  const editedTs = stringField(toFields(message["edited"]), "ts");
  if (!isSlackTs(editedTs)) return undefined;
  return compareTs(editedTs, knownUntil(state, stringField(message, "ts")!)) > 0 ? editedTs : undefined;
}

function earlier(left: string, right: string): string {
  return compareTs(left, right) <= 0 ? left : right;
}

function newest(threads: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(threads);
  if (entries.length <= maxThreads) return { ...threads };
  return Object.fromEntries(entries.toSorted(([, left], [, right]) => compareTs(right, left)).slice(0, maxThreads));
}
