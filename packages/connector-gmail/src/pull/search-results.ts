import type { ConnectorContext } from "@statewave-connectors/connector-sdk";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { stringField, toFields, toFieldsList } from "@statewave-connectors/connector-sdk/items";
import { cursorPages } from "@statewave-connectors/connector-sdk/paging";
import { Listed, type MessageHead } from "../api-items.ts";
import { gmail } from "../gmail.ts";
import type { MailboxApi } from "../mailbox-api.ts";
import { allOf, type MailFilter } from "./mail-filter.ts";
import { readRows } from "./read-rows.ts";

/** So many ids fit into a URL. */
const idsAtOnce = 20;
/** For so long Gmail's search may not know a mail. */
const settlingMs = 10 * 60_000;
const retryMs = 30_000;
/** Letters that mean nothing to the search box. */
const plainId = /^[\w.%+=@$/~^&*?!#-]{1,200}$/;

/** Mails that Gmail's search did not know yet, and since when it was called for them, epoch milliseconds. */
export type MissedMails = Map<string, number>;

/** What Gmail's search says of some mails. */
interface SearchResults {
  readonly found: ReadonlySet<string>;
  /** Search has not learned of them in ten minutes: nothing says whether the query finds them. */
  readonly unknown: ReadonlySet<string>;
}

/**
 * Which of some mails a query finds. The history cannot be filtered by a query, and only Gmail knows exactly what its words mean, so its
 * search decides.
 *
 * @param missed Kept between runs: a mail says nothing about when search should know it, because an imported one has an old time.
 * @throws `GMAIL_SEARCH_BEHIND` while Gmail's search does not know a mail that has just come.
 */
export async function searchResults(
  api: MailboxApi,
  filter: MailFilter,
  messages: readonly MessageHead[],
  { clock, missed }: Pick<ConnectorContext, "clock"> & { readonly missed: MissedMails },
  signal: AbortSignal,
): Promise<SearchResults> {
  const matching = (terms: readonly string[]) => listedIds(api, terms, filter, signal);
  const anywhere = (terms: readonly string[]) => listedIds(api, terms, "anywhere", signal);
  const found = await matching(termsFor(messages));
  const left = messages.filter(({ id }) => !found.has(id));
  for (const id of missed.keys()) if (!left.some((message) => message.id === id)) missed.delete(id);
  if (left.length === 0) return { found, unknown: new Set() };
  const byId = await anywhere(termsFor(left));
  // Search may read the id of a mail otherwise than it stands there: its time finds it, too.
  const odd = left.filter(({ id }) => !byId.has(id) && missed.has(id));
  const times = [...new Set(odd.map((message) => aroundTerms(cameMs(message))))];
  const byTime = await anywhere(times);
  // Search may have learned of them since the first request.
  const learned = left.filter(({ id }) => byId.has(id));
  for (const id of await matching([...termsFor(learned), ...(odd.some((each) => byTime.has(each.id)) ? times : [])]))
    found.add(id);
  const unknown = new Set(left.map(({ id }) => id).filter((id) => !byId.has(id) && !byTime.has(id)));
  const nowMs = clock.now();
  const isWaitedFor = (id: string) => {
    const sinceMs = Math.min(missed.get(id) ?? nowMs, nowMs);
    missed.set(id, sinceMs);
    return nowMs - sinceMs < settlingMs;
  };
  if ([...unknown].filter((id) => isWaitedFor(id)).length === 0) return { found, unknown };
  throw searchBehind(nowMs);
}

/** Gmail's search does not know a mail that was fetched. */
export function searchBehind(nowMs: number): ConnectorsError {
  return new ConnectorsError({
    code: "GMAIL_SEARCH_BEHIND",
    message: "a mail that has just come is not in Gmail's search yet",
    retryAtMs: nowMs + retryMs,
  });
}

/** Searches that together find each of the messages, and few others. */
function termsFor(messages: readonly MessageHead[]): readonly string[] {
  const ids: string[] = [];
  const terms: string[] = [];
  for (const message of messages) {
    const id = messageIdOf(message);
    if (id === undefined) terms.push(aroundTerms(cameMs(message)));
    else ids.push(id);
  }
  for (let at = 0; at < ids.length; at += idsAtOnce) {
    const some = ids.slice(at, at + idsAtOnce).map((id) => `rfc822msgid:${id}`);
    terms.push(some.length === 1 ? some.join("") : `{${some.join(" ")}}`);
  }
  return [...new Set(terms)];
}

/** The header `Message-ID` without its brackets; undefined where the search box would read it otherwise. */
function messageIdOf(message: MessageHead): string | undefined {
  const headers = toFieldsList(toFields(message.payload)?.["headers"]);
  const header = headers.find((each) => stringField(each, "name")?.toLowerCase() === "message-id");
  const id = (stringField(header, "value") ?? "").trim().replace(/^</, "").replace(/>$/, "");
  return plainId.test(id) ? id : undefined;
}

/** Gmail's times have whole seconds here, and no document says whether the bounds are inside. */
function aroundTerms(ms: number): string {
  const second = Math.floor(ms / 1_000);
  return `after:${Math.max(0, second - 2)} before:${second + 2}`;
}

/** When Gmail took the mail, epoch milliseconds. */
export function cameMs(message: MessageHead): number {
  const ms = Number(message.internalDate);
  return Number.isFinite(ms) ? ms : 0;
}

/** The ids that each of the terms finds, among the mails of a filter or among all, those in spam and trash included. */
async function listedIds(
  api: MailboxApi,
  terms: readonly string[],
  filter: MailFilter | "anywhere",
  signal: AbortSignal,
): Promise<Set<string>> {
  const ids = new Set<string>();
  for (const term of terms) {
    const narrowed =
      filter === "anywhere" ? { q: term, includeSpamTrash: true } : { q: allOf(filter.query, term), labelIds: filter.labelIds };
    const pages = cursorPages({
      ...gmail,
      list: "messages that a query finds",
      signal,
      sizes: [500, 100, 10, 1],
      fetchPage: async (pageToken, maxResults) => {
        const { messages, nextPageToken: next } = await api.messages({ ...narrowed, pageToken, maxResults }, signal);
        const { items } = readRows(Listed, messages, "row of a list");
        return { items, next, hasMore: undefined };
      },
    });
    for await (const { items } of pages) for (const { id } of items) ids.add(id);
  }
  return ids;
}
