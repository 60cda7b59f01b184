import { partsCursor, type PartsPosition, type TimeClamp } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import { isSlackTs, toIsoTime, toTs } from "../slack-time.ts";

/** A thread without a reply for so long is over. */
export const liveMs = 14 * 24 * 3_600_000;

const ts = v.pipe(
  v.string(),
  v.check((text) => isSlackTs(text), "is no ts"),
);
const instantMs = v.pipe(v.number(), v.safeInteger());

const windowSchema = v.strictObject({
  /** Both ends belong to it. What lies before `oldest` was read and is looked at again for late replies and edits. */
  from: ts,
  latest: ts,
  /** How far back it looks: at new messages only, at a day, at all live threads. */
  depth: v.picklist(["new", "day", "full"]),
  /** The page to read next: empty for the first, absent when all are read. */
  page: v.optional(v.string()),
  /** The newest message seen in it. */
  max: v.optional(ts),
  /** Threads whose replies come before the next page; of the first, the page to read next. */
  pending: v.array(ts),
  repliesPage: v.optional(v.string()),
});

const channelSchema = v.strictObject({
  /** Every message up to here was read. */
  oldest: ts,
  /** Replies and edits up to here were read, of messages posted less than a day before it. */
  replied: v.optional(ts),
  /** The same, of all live threads. */
  repliedFull: v.optional(ts),
  /** When its last walk ended. */
  checkedMs: v.optional(instantMs),
  window: v.optional(windowSchema),
  /** Live threads older than any window: the ts of each, and of its last reply. */
  threads: v.record(ts, ts),
  /** Threads that could not be read: the ts of each, and from where on its replies are missing. */
  failed: v.optional(v.record(ts, ts)),
  /** Threads that wait until they are quiet: the ts of each, and of its last reply. */
  digests: v.optional(v.record(ts, ts)),
  /** Absent: a channel. */
  conversation: v.optional(v.picklist(["im", "mpim"])),
});

const besideChannels = {
  /** Absent: nothing was read yet. */
  team: v.optional(v.string()),
  /** When the round that is under way began: a resumed run walks only the channels that it did not reach yet. */
  roundMs: v.optional(instantMs),
  /** Where channels begin that were never read. Absent: where the options say. */
  since: v.optional(ts),
};

export type Window = v.InferOutput<typeof windowSchema>;
export type ChannelState = v.InferOutput<typeof channelSchema>;
/** What is stored between two pages: which workspace it is, and where each channel stands. */
export type Position = PartsPosition<ChannelState, v.InferOutput<v.StrictObjectSchema<typeof besideChannels, undefined>>>;

export const cursors = partsCursor({
  kind: "slack",
  version: 1,
  state: channelSchema,
  partsKey: "channels",
  beside: besideChannels,
  clampTimes: clampPosition,
});

function clampPosition({ states, beside, turn }: Position, clamp: TimeClamp): Position {
  const { roundMs, ...rest } = beside;
  const channels = Object.entries(states).map(([id, state]) => [id, clampChannel(state, clamp)] as const);
  const isAhead = clamp.ms(roundMs) !== roundMs;
  return { turn, states: Object.fromEntries(channels), beside: isAhead ? rest : beside };
}

/** What a clock that was ahead has marked as read is read again, as far back as threads are followed: keys absorb what comes twice. */
function clampChannel(state: ChannelState, clamp: TimeClamp): ChannelState {
  const { window, checkedMs: _, ...rest } = state;
  const mark = (at: string | undefined) => {
    const atMs = at === undefined ? undefined : Date.parse(toIsoTime(at));
    const clamped = clamp.ms(atMs);
    return at === undefined || clamped === undefined || clamped === atMs ? at : toTs(clamped - liveMs);
  };
  const [replied, repliedFull] = [mark(state.replied), mark(state.repliedFull)];
  const checkedMs = clamp.ms(state.checkedMs);
  const isAhead = window !== undefined && mark(window.latest) !== window.latest;
  return {
    ...rest,
    oldest: mark(state.oldest) ?? state.oldest,
    ...(replied !== undefined && { replied }),
    ...(repliedFull !== undefined && { repliedFull }),
    ...(checkedMs !== undefined && checkedMs === state.checkedMs && { checkedMs }),
    ...(window !== undefined && !isAhead && { window }),
  };
}
