import type { FailedItem } from "@statewave-connectors/connector-sdk";
import { type CursorRead, cursorPages, type PartPage } from "@statewave-connectors/connector-sdk/paging";
import { gmail } from "../gmail.ts";
import { laterId, type MailboxState } from "./cursor.ts";
import { messagesAtOnce } from "./fetch-messages.ts";
import { type Happening, happeningKey, happeningsIn, historyTypesFor, type WatchedChanges } from "./happenings.ts";
import { type HistoryRecord, readRecords } from "./history-record.ts";
import type { Mailbox, Reading } from "./mailbox.ts";
import { messagePage, type Reported } from "./message-page.ts";
import { withFailures } from "./read-rows.ts";

const storedEverySeconds = 86_400;
/** A page of records costs a tenth of what one message costs. */
const sizes = [500, 100, 10, 1];

interface HistoryRead extends CursorRead<HistoryRecord> {
  /** Where the mailbox stands now. */
  readonly historyId: string;
  /** Records, and entries of records, of another form. */
  readonly malformed: readonly FailedItem[];
}

/** Something that happened, and the record that reports it. */
interface Entry extends Reported {
  readonly record: string;
  /** Nothing of the record is left behind it. */
  readonly isLast: boolean;
}

/**
 * Reads what happened in a mailbox since a history id. Throws `GMAIL_NOT_FOUND` for an id that Gmail has forgotten.
 *
 * @param now Epoch seconds: the last page's state says that everything until then was read.
 */
export async function* readHistory(
  mailbox: Mailbox,
  reading: Reading,
  from: MailboxState,
  now: number,
  signal: AbortSignal,
): AsyncGenerator<PartPage<MailboxState>, void, undefined> {
  const types = historyTypesFor(reading);
  const pages = cursorPages<HistoryRead>({
    ...gmail,
    list: "history records",
    signal,
    sizes,
    keyOf: ({ id }) => id,
    fetchPage: async (pageToken, maxResults) => {
      const body = await mailbox.api.history(from.history, { pageToken, maxResults }, types, signal);
      return { ...readRecords(body.history), next: body.nextPageToken, hasMore: undefined, historyId: body.historyId };
    },
  });
  let state = from;
  for await (const { items, hasMore, read } of pages) {
    const entries = entriesBehind(items, reading, state.record);
    const lastId = items.at(-1)?.id ?? state.history;
    const history = hasMore ? laterId(lastId, state.history) : laterId(laterId(read.historyId, lastId), state.history);
    const reached = { history, at: hasMore || isStoredLater(state, { history, now }) ? state.at : now };
    let { malformed } = read;
    for (let at = 0; at < entries.length; at += messagesAtOnce) {
      const batch = entries.slice(at, at + messagesAtOnce);
      const page = await messagePage({ mailbox, address: from.mailbox, reading, at: now }, batch, signal);
      state = at + messagesAtOnce >= entries.length ? { ...withoutRecord(state), ...reached } : stateBehind(state, batch);
      yield { ...withFailures(page, malformed), state };
      malformed = [];
    }
    if (entries.length > 0) continue;
    state = { ...withoutRecord(state), ...reached };
    yield { ...withFailures({ episodes: [] }, malformed), state, isQuiet: hasMore && malformed.length === 0 };
  }
}

/** What the records of a page report, without what was read of the first one. */
function entriesBehind(
  records: readonly HistoryRecord[],
  watched: WatchedChanges,
  done: MailboxState["record"],
): readonly Entry[] {
  return records.flatMap((record) => {
    const happenings = happeningsIn(record, watched);
    const left = done?.id === record.id ? behind(happenings, done.after) : happenings;
    return left.map((happening, at) => ({ happening, record: record.id, isLast: at === left.length - 1 }));
  });
}

function behind(happenings: readonly Happening[], after: string): readonly Happening[] {
  return happenings.slice(happenings.findIndex((happening) => happeningKey(happening) === after) + 1);
}

/** A record that was read in part is read again from behind the last message, so no part of it may be passed over. */
function stateBehind(state: MailboxState, batch: readonly Entry[]): MailboxState {
  const whole = batch.findLast(({ isLast }) => isLast);
  const last = batch.at(-1);
  const reached = whole === undefined ? state : { ...withoutRecord(state), history: whole.record };
  if (last === undefined || last.isLast) return reached;
  return { ...reached, record: { id: last.record, after: happeningKey(last.happening) } };
}

/** While nothing happens the time is stored once a day, so that a gap that is filled later stays short. */
function isStoredLater(state: MailboxState, { history, now }: { readonly history: string; readonly now: number }): boolean {
  return history === state.history && now >= state.at && now - state.at < storedEverySeconds;
}

function withoutRecord(state: MailboxState): MailboxState {
  const { record: _, ...rest } = state;
  return rest;
}
