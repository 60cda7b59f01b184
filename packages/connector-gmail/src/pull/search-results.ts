import type { ConnectorContext } from "@statewave-connectors/connector-sdk";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { stringField, toFields, toFieldsList } from "@statewave-connectors/connector-sdk/items";
import { cursorPages } from "@statewave-connectors/connector-sdk/paging";
import type { MessageHead } from "../api-items.ts";
import { gmail } from "../gmail.ts";
import type { MailboxApi } from "../mailbox-api.ts";
import { allOf, type MailFilter } from "./mail-filter.ts";

/** So many ids fit into a URL. */
const idsAtOnce = 20;
/** For so long after it came, a mail may be missing in Gmail's search. */
const settlingMs = 10 * 60_000;
const retryMs = 30_000;
/** Letters that mean nothing to the search box. */
const plainId = /^[\w.%+=@$/~^&*?!#-]{1,200}$/;

/**
 * Which of some mails a query finds. The history cannot be filtered by a query, and only Gmail knows exactly what its words mean, so its
 * search decides.
 *
 * @throws `GMAIL_SEARCH_BEHIND` while Gmail's search does not know a mail that has just come.
 */
export async function searchResults(
  api: MailboxApi,
  filter: MailFilter,
  messages: readonly MessageHead[],
  { clock }: Pick<ConnectorContext, "clock">,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const find = async (query: string, labelIds: readonly string[], some: readonly MessageHead[], into: Set<string>) => {
    for (const terms of termsFor(some)) {
      for (const id of await listedIds(api, { q: allOf(query, terms), labelIds }, signal)) into.add(id);
    }
  };
  await find(filter.query, filter.labelIds, messages, found);
  const isRecent = (message: MessageHead) => Math.abs(clock.now() - cameMs(message)) < settlingMs;
  const recent = messages.filter((message) => !found.has(message.id) && isRecent(message));
  if (recent.length === 0) return found;
  const known = new Set<string>();
  await find("", [], recent, known);
  if (recent.every(({ id }) => known.has(id))) {
    // Search may have learned of them since the first request.
    await find(filter.query, filter.labelIds, recent, found);
    return found;
  }
  throw new ConnectorsError({
    code: "GMAIL_SEARCH_BEHIND",
    message: "a mail that has just come is not in Gmail's search yet",
    retryAtMs: clock.now() + retryMs,
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

async function listedIds(
  api: MailboxApi,
  filter: { readonly q: string; readonly labelIds: readonly string[] },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const ids: string[] = [];
  const pages = cursorPages({
    ...gmail,
    list: "messages that a query finds",
    signal,
    sizes: [500, 100, 10, 1],
    fetchPage: async (pageToken, maxResults) => {
      const { messages, nextPageToken: next } = await api.messages({ ...filter, pageToken, maxResults }, signal);
      return { items: messages, next, hasMore: undefined };
    },
  });
  for await (const { items } of pages) for (const { id } of items) ids.push(id);
  return ids;
}
