import { isProviderError } from "@statewave-connectors/connector-sdk/http";
import { cursorPages, type PartPage } from "@statewave-connectors/connector-sdk/paging";
import { Listed } from "../api-items.ts";
import { gmail } from "../gmail.ts";
import type { MailboxState } from "./cursor.ts";
import { messagesAtOnce } from "./fetch-messages.ts";
import { allOf } from "./mail-filter.ts";
import type { Mailbox, Reading } from "./mailbox.ts";
import { messagePage } from "./message-page.ts";
import { readRows, withFailures } from "./read-rows.ts";

type Listing = NonNullable<MailboxState["listing"]>;

/** How many ids are listed at once: a page of them costs a quarter of what one message costs. */
const sizes = [100, 30, 10, 1];

/** What bounds a listing besides the filter of the entry. */
export interface ListingBounds {
  /** Only messages before, epoch seconds. */
  readonly untilSeconds?: number;
}

/** Lists the messages that an entry keeps, newest first, and fetches them. */
export async function* listMessages(
  mailbox: Mailbox,
  reading: Reading,
  from: MailboxState,
  signal: AbortSignal,
  { untilSeconds }: ListingBounds = {},
): AsyncGenerator<PartPage<MailboxState>, void, undefined> {
  const { query, labelIds } = reading.filter;
  const { listing, ...state } = from;
  if (listing === undefined) return;
  const { since } = listing;
  const until = untilSeconds === undefined ? undefined : `before:${untilSeconds}`;
  const q = allOf(query, since === undefined || since === 0 ? undefined : `after:${since - 1}`, until);
  const pages = cursorPages({
    ...gmail,
    list: "messages",
    from: listing.page,
    signal,
    sizes,
    // A page token that was kept for too long.
    isExpired: (error) => isProviderError(error, "refused"),
    fetchPage: async (pageToken, maxResults) => {
      const { messages, nextPageToken: next } = await mailbox.api.messages({ q, labelIds, pageToken, maxResults }, signal);
      return { ...readRows(Listed, messages, "row of a list"), next, hasMore: undefined, pageToken };
    },
  });
  let { after } = listing;
  for await (const { items, next, hasMore, read } of pages) {
    const left = itemsBehind(
      items.map(({ id }) => id),
      after,
    );
    after = undefined;
    let { malformed } = read;
    const place = withPage({ ...listing, after: undefined }, read.pageToken);
    for (let at = 0; at < left.length; at += messagesAtOnce) {
      const batch = left.slice(at, at + messagesAtOnce);
      const source = { mailbox, address: from.mailbox, reading, at: from.at, listedSince: since ?? 0 };
      const page = await messagePage(
        source,
        batch.map((id) => ({ happening: { type: "message", id } as const })),
        signal,
      );
      const isPageDone = at + messagesAtOnce >= left.length;
      const reached = isPageDone ? pageBehind(listing, hasMore ? next : undefined) : { ...place, after: batch.at(-1) };
      yield { ...withFailures(page, malformed), state: { ...state, ...(reached !== undefined && { listing: reached }) } };
      malformed = [];
    }
    if (left.length > 0) continue;
    const reached = pageBehind(listing, hasMore ? next : undefined);
    yield {
      ...withFailures({ episodes: [] }, malformed),
      state: { ...state, ...(reached !== undefined && { listing: reached }) },
    };
  }
}

/** Undefined: nothing is left to list. */
function pageBehind(listing: Listing, next: string | undefined): Listing | undefined {
  return next === undefined ? undefined : withPage({ ...listing, after: undefined }, next);
}

function withPage({ since }: Listing, page: string | undefined): Listing {
  return { ...(since !== undefined && { since }), ...(page !== undefined && { page }) };
}

/** The ids behind the last one that was read; all of them where it is not among them any more. */
function itemsBehind(ids: readonly string[], after: string | undefined): readonly string[] {
  return after === undefined ? ids : ids.slice(ids.indexOf(after) + 1);
}
