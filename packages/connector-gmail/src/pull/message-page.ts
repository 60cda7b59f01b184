import { mapItems } from "@statewave-connectors/connector-sdk";
import { withoutUndefined } from "@statewave-connectors/connector-sdk/items";
import type { PageContents } from "@statewave-connectors/connector-sdk/paging";
import type { MessageHead } from "../api-items.ts";
import type { RawMail } from "../episodes/raw-mail.ts";
import { leftOutBecause } from "../episodes/mail-scope.ts";
import { beforeDeletion, type Happening } from "./happenings.ts";
import { isHiding, unwantedBecause } from "./mail-filter.ts";
import type { MailboxApi } from "../mailbox-api.ts";
import type { Mailbox, Reading } from "./mailbox.ts";
import { cameMs, searchBehind, searchResults } from "./search-results.ts";

/** A happening with the record that reports it; absent: the message was listed. */
export interface Reported {
  readonly happening: Happening;
  readonly record?: string;
}

/** Where the happenings of a page come from. */
export interface PageSource {
  readonly mailbox: Mailbox;
  /** The address. */
  readonly address: string;
  readonly reading: Reading;
  /** When the reading began, epoch seconds by Gmail's clock. */
  readonly at: number;
  /** Gmail has listed the messages by the entry's filter, those since then, epoch seconds. Absent: they come from the history. */
  readonly listedSince?: number;
}

/** Fetches the messages of some happenings, leaves out what is not wanted, and maps the rest. */
export async function messagePage(
  { mailbox: { api, fetcher, labelNames, missed, id: part }, address, reading, at, listedSince }: PageSource,
  reported: readonly Reported[],
  signal: AbortSignal,
): Promise<PageContents> {
  const { filter, scope, map } = reading;
  const skipped = new Map<string, number>();
  const skip = (reason: string) => skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
  const ids = reported.flatMap(({ happening }) => (isFetched(happening) ? [happening.id] : []));
  const { messages, failures } = await fetcher.fetch(ids, signal);

  const items: RawMail[] = [];
  const toSearch: MessageHead[] = [];
  const shown = new Set<string>();
  const nameOf = reported.some(({ happening }) => happening.type === "labels") ? await labelNames.known(signal) : String;
  for (const { happening, record = "" } of reported) {
    const message = messages.get(happening.id);
    if (happening.type === "message" && shown.has(happening.id)) continue;
    if (happening.type === "message") shown.add(happening.id);
    if (happening.type === "deleted" && happening.isGone && happening.leftOut !== undefined) {
      skip(happening.leftOut);
      continue;
    }
    // What was in the trash may be gone for good before it is fetched.
    const wasKept = happening.type === "deleted" && happening.leftOut === undefined;
    const isPurged = wasKept && message === undefined && messages.has(happening.id);
    if (happening.type === "deleted" && (happening.isGone || isPurged)) {
      const left = withoutUndefined({ id: happening.id, threadId: happening.threadId });
      items.push({ mailbox: address, message: left, change: { type: "gone", record, at } });
      continue;
    }
    if (message === undefined) {
      if (messages.has(happening.id)) skip("gone");
      continue;
    }
    const isOlder = listedSince !== undefined && cameMs(message) < listedSince * 1_000;
    const because = isOlder ? "older" : (unwantedHere(happening, message, reading) ?? leftOutBecause(message, scope));
    if (because !== undefined) {
      skip(because);
      continue;
    }
    if (happening.type === "message" && filter.query !== "" && listedSince === undefined) toSearch.push(message);
    items.push({ mailbox: address, message, ...changeOf(happening, { record, at }, nameOf) });
  }
  const searched =
    toSearch.length === 0 ? undefined : await searchResults(api, filter, toSearch, { ...reading.context, missed }, signal);
  const unknown = [...(searched?.unknown ?? [])].map((id) => ({
    id: itemId(part, id),
    error: searchBehind(reading.context.clock.now()),
  }));
  const kept = items.filter(({ message, change }) => {
    const id = String(message["id"]);
    if (change !== undefined || searched === undefined || searched.found.has(id)) return true;
    if (!searched.unknown.has(id)) skip("other_query");
    return false;
  });
  const mapped = mapItems(kept, { id: ({ message }) => itemId(part, String(message["id"])), map });
  const all = [...failures, ...unknown, ...mapped.failures];
  fetcher.forget();
  return {
    episodes: mapped.episodes,
    ...(all.length > 0 && { failures: all }),
    ...(skipped.size > 0 && { skipped: Object.fromEntries(skipped) }),
  };
}

/** Whether an entry keeps a message. */
export async function isWanted(
  api: MailboxApi,
  { filter, scope, context }: Reading,
  message: MessageHead,
  signal: AbortSignal,
): Promise<boolean> {
  if (unwantedBecause(message, filter) !== undefined || leftOutBecause(message, scope) !== undefined) return false;
  if (filter.query === "") return true;
  return (await searchResults(api, filter, [message], { ...context, missed: new Map() }, signal)).found.has(message.id);
}

/** The id of an item, for people and for `fetchItem`. */
export function itemId(part: string, messageId: string): string {
  return `${part}/${messageId}`;
}

function isFetched(happening: Happening): boolean {
  return happening.type !== "deleted" || !happening.isGone;
}

function unwantedHere(happening: Happening, message: MessageHead, { filter }: Reading): string | undefined {
  if (happening.type === "deleted") return unwantedBecause(...beforeDeletion(message.labelIds, filter));
  if (happening.type === "message") return unwantedBecause(message, filter);
  // A mail that lost the entry's label, or was moved to spam, was the entry's before.
  const { added, removed } = happening;
  const labelIds = message.labelIds.filter((label) => !isHiding(label) || !added.includes(label));
  return unwantedBecause({ labelIds: [...labelIds, ...removed.filter((label) => !isHiding(label))] }, filter);
}

function changeOf(
  happening: Happening,
  found: { readonly record: string; readonly at: number },
  nameOf: (labelId: string) => string,
): Pick<RawMail, "change"> {
  if (happening.type === "message") return {};
  if (happening.type === "deleted") return { change: { type: "trashed", ...found } };
  const { added, removed } = happening;
  return { change: { type: "labels", ...found, added: added.map(nameOf), removed: removed.map(nameOf) } };
}
