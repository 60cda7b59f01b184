import { backoffMs } from "./backoff.ts";

/** Episodes that are sent together, in one batch of their own: first drawn from the queue, later what became of such a batch. */
export interface BatchGroup<Item> {
  readonly items: readonly Item[];
  /** Not sent before, epoch milliseconds. */
  readonly notBeforeMs: number;
  /** How many episodes the sink had accepted when this group was drawn or last failed: if there are more since, the sink works. */
  readonly acceptedBefore: number;
  /** Failures that speak against this group rather than against the sink. */
  readonly strikes: number;
  /** Counted 500s of an item sent alone, and when the first of them was. */
  readonly loneFailures: number;
  readonly firstLoneFailureAtMs: number | undefined;
}

/** A batch fresh from the queue. */
export function freshGroup<Item>(items: readonly Item[], acceptedBefore: number): BatchGroup<Item> {
  return { items, notBeforeMs: 0, acceptedBefore, strikes: 0, loneFailures: 0, firstLoneFailureAtMs: undefined };
}

/**
 * What a refused group of several becomes. With indexes: the rest together, then each named item alone. Without: two halves. Every part
 * is smaller than the group, so this ends at single items, and one that is refused alone is the culprit.
 */
export function narrowRefused<Item>(group: BatchGroup<Item>, indexes: readonly number[] | undefined): BatchGroup<Item>[] {
  const { items } = group;
  const named = new Set((indexes ?? []).filter((index) => index >= 0 && index < items.length));
  if (named.size === 0) return halve(group);
  const rest = items.filter((_, index) => !named.has(index));
  const parts = rest.length === 0 ? [] : [withItems(group, rest)];
  for (const index of named) parts.push(withItems(group, [items[index]!]));
  return parts;
}

export interface BatchFailure {
  /** The batch itself may be the cause (a 500). */
  readonly suspect: boolean;
  /** Episodes accepted so far. */
  readonly acceptedNow: number;
  readonly nowMs: number;
  readonly random: () => number;
}

export interface FailurePlan<Item> {
  /** What to send again; empty when the item is to be buried. */
  readonly groups: readonly BatchGroup<Item>[];
  /** Others were accepted since this group was drawn or last failed: the trouble is its own, the sink works. */
  readonly sinkWorks: boolean;
}

/** An item is buried for 500s after this many failures alone, over at least this long, while others were accepted in between. */
const loneFailuresToBury = 5;
const loneFailureSpanMs = 5 * 60_000;
/** 20 + 40 + 80 + 160 s between five failures are the five minutes. */
const firstLonePauseMs = 20_000;
const longestLonePauseMs = 160_000;
/** A whole batch gets a second chance as it is: the first 500 is more often the server's hiccup than the batch's fault. */
const strikesToHalve = 2;

/**
 * What a failed group becomes. As long as nothing else is accepted the sink may simply be down: groups stay whole, except after 500s, which
 * an outage and a poisoned item share. Once others pass, the group rests and is halved until the culprit is alone.
 */
export function planFailed<Item>(group: BatchGroup<Item>, failure: BatchFailure): FailurePlan<Item> {
  const { suspect, acceptedNow, nowMs, random } = failure;
  const sinkWorks = acceptedNow > group.acceptedBefore;
  const strikes = group.strikes + (suspect || sinkWorks ? 1 : 0);
  const failed = { ...group, strikes, acceptedBefore: acceptedNow, notBeforeMs: nowMs };
  if (group.items.length > 1) {
    const notBeforeMs = sinkWorks ? nowMs + backoffMs(strikes, random) : nowMs;
    const rested = { ...failed, notBeforeMs };
    return { groups: strikes >= strikesToHalve && strikes > group.strikes ? halve(rested) : [rested], sinkWorks };
  }
  // Of an item alone only a 500 counts, and only beside others that passed: an outage buries nothing.
  const counts = suspect && sinkWorks;
  const loneFailures = group.loneFailures + (counts ? 1 : 0);
  const firstLoneFailureAtMs = group.firstLoneFailureAtMs ?? (counts ? nowMs : undefined);
  const spanMs = nowMs - (firstLoneFailureAtMs ?? nowMs);
  if (counts && loneFailures >= loneFailuresToBury && spanMs >= loneFailureSpanMs) return { groups: [], sinkWorks };
  const pauseMs = Math.min(longestLonePauseMs, firstLonePauseMs * 2 ** Math.max(0, loneFailures - 1));
  return {
    groups: [{ ...failed, loneFailures, firstLoneFailureAtMs, notBeforeMs: sinkWorks ? nowMs + pauseMs : nowMs }],
    sinkWorks,
  };
}

function halve<Item>(group: BatchGroup<Item>): BatchGroup<Item>[] {
  const middle = Math.ceil(group.items.length / 2);
  return [withItems(group, group.items.slice(0, middle)), withItems(group, group.items.slice(middle))];
}

function withItems<Item>(group: BatchGroup<Item>, items: readonly Item[]): BatchGroup<Item> {
  return { ...group, items };
}
