import { isProviderError } from "@statewave-connectors/connector-sdk/http";
import type { PartPage } from "@statewave-connectors/connector-sdk/paging";
import { cursors, type MailboxState } from "./cursor.ts";
import { readHistory } from "./history.ts";
import { listMessages } from "./listing.ts";
import type { Mailbox, Reading } from "./mailbox.ts";

/** A listing that fills a gap begins so much before it: mails that are imported have earlier times than when they came. */
const overlapSeconds = 86_400;
/** Synchronised clocks differ by less. */
const mostAheadSeconds = 600;
/** So late Gmail's search may learn of a mail. */
const settlingSeconds = 600;

/**
 * Reads a mailbox: lists its messages once, and from then on follows its history. The history id is taken before the listing, so that what
 * comes meanwhile is found behind it.
 */
export async function* readMailbox(
  mailbox: Mailbox,
  reading: Reading,
  stored: MailboxState | undefined,
  firstSince: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<PartPage<MailboxState>, void, undefined> {
  const { context } = reading;
  const { mailbox: address, historyId, dateMs } = await mailbox.api.profile(signal);
  const at = Math.floor(dateMs / 1_000);
  if (stored !== undefined && stored.mailbox !== address) {
    throw cursors.invalid("belongs to another mailbox than the credentials do", context);
  }
  const begin = (since: number | undefined): MailboxState => ({
    mailbox: address,
    history: historyId,
    at,
    listing: { ...(since !== undefined && { since }) },
    // Search answers a list with words, and may not know the newest mails yet: the history begins behind them.
    ...(((since ?? 0) > 0 || reading.filter.query !== "") && { unsettled: Math.max(since ?? 0, at - settlingSeconds) }),
  });
  const read = (state: MailboxState) => readFrom(mailbox, reading, state, { historyId, at }, signal);
  const reached = yield* read(stored === undefined ? begin(firstSince) : settled(stored, at));
  if (reached === undefined) return;
  // A clock that was in the future says nothing about when the gap begins.
  const gapBegins = reached.at > at + mostAheadSeconds ? firstSince : Math.max(0, reached.at - overlapSeconds);
  context.logger.warn("the history since the last run is forgotten by Gmail, so the messages of that time are listed again", {
    ...(gapBegins !== undefined && { since: new Date(gapBegins * 1_000).toISOString() }),
  });
  yield* read(begin(gapBegins));
}

/** Lists once more what search may not have known, as soon as it must know it. */
function settled(state: MailboxState, now: number): MailboxState {
  const { unsettled, ...rest } = state;
  if (unsettled === undefined || rest.listing !== undefined || Math.abs(now - unsettled) < 2 * settlingSeconds) return state;
  return { ...rest, listing: { since: unsettled } };
}

/** What Gmail said of a mailbox when the run began. */
interface Beginning {
  readonly historyId: string;
  /** Epoch seconds. */
  readonly at: number;
}

/** Lists what is left to list and reads the history behind it. Returns the state whose history id Gmail has forgotten; undefined: none. */
async function* readFrom(
  mailbox: Mailbox,
  reading: Reading,
  from: MailboxState,
  { historyId, at }: Beginning,
  signal: AbortSignal,
): AsyncGenerator<PartPage<MailboxState>, MailboxState | undefined, undefined> {
  let state = from;
  for await (const page of listMessages(mailbox, reading, state, signal)) {
    ({ state } = page);
    yield page;
  }
  try {
    for await (const page of readHistory(mailbox, reading, state, at, signal)) {
      ({ state } = page);
      yield page;
    }
    return undefined;
  } catch (error) {
    if (!isProviderError(error, "not_found")) throw error;
    // In a mailbox in which nothing happens the last id grows old, and nothing is missing behind it.
    return BigInt(historyId) <= BigInt(state.history) ? undefined : state;
  }
}
