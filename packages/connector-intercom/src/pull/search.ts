import { type FailedItem, parseItem } from "@statewave-connectors/connector-sdk";
import type { ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { anyId } from "@statewave-connectors/connector-sdk/items";
import * as v from "valibot";
import { service } from "../client.ts";
import { anyTime } from "../episodes/any-time.ts";
import { idOf } from "../episodes/conversation.ts";

const SearchPage = v.object({
  conversations: v.array(v.unknown()),
  total_count: v.optional(v.unknown()),
  pages: v.nullish(
    v.object({
      next: v.nullish(v.object({ starting_after: v.pipe(v.string(), v.nonEmpty()) })),
      page: v.optional(v.unknown()),
      total_pages: v.optional(v.unknown()),
    }),
  ),
});

/** What the walk needs of a conversation in a list. */
const Row = v.object({ id: anyId(), updated_at: anyTime() });
export type Row = v.InferOutput<typeof Row>;

export interface Search {
  /** Conversations that changed in this second or later. */
  readonly sinceSeconds: number;
  /** Conversations that began before this second; undefined: all. */
  readonly createdBeforeSeconds?: number | undefined;
  /** Behind this cursor of the same search. */
  readonly startingAfter?: string | undefined;
  readonly size: number;
  readonly signal: AbortSignal;
}

/** One answer of the search, by the time of the last change, oldest first. */
export interface SearchAnswer {
  readonly rows: readonly Row[];
  /** Rows of another form. */
  readonly failures: readonly FailedItem[];
  readonly startingAfter: string | undefined;
  /** A full page that names no next one, although Intercom counts more pages. */
  readonly isCutOff: boolean;
  /** How many conversations Intercom counts in the whole search; undefined: it does not. */
  readonly total: number | undefined;
  /** Intercom's clock. */
  readonly dateMs: number;
  /** The version of the API that answered; undefined: it does not say. */
  readonly version: string | undefined;
}

/** Requests a page of conversations. */
export async function searchConversations(client: ProviderClient, search: Search): Promise<SearchAnswer> {
  const { sinceSeconds, createdBeforeSeconds, startingAfter, size, signal } = search;
  const filters = [
    // Called both "greater" and "greater or equal" by Intercom: the second before includes the first one either way.
    { field: "updated_at", operator: ">", value: Math.max(sinceSeconds - 1, 0) },
    ...(createdBeforeSeconds === undefined ? [] : [{ field: "created_at", operator: "<", value: createdBeforeSeconds }]),
  ];
  const json = {
    query: { operator: "AND", value: filters },
    pagination: { per_page: size, ...(startingAfter !== undefined && { starting_after: startingAfter }) },
    sort: { field: "updated_at", order: "ascending" },
  };
  const answer = await client.post("conversations/search", {
    body: { json },
    schema: SearchPage,
    about: "conversations",
    signal,
  });
  const { conversations, pages, total_count: total } = answer.body;
  const next = pages?.next?.starting_after;
  const { page, total_pages: count } = pages ?? {};
  const isCounted = typeof page === "number" && typeof count === "number" && page < count;
  return {
    ...readRows(conversations),
    startingAfter: next,
    isCutOff: next === undefined && isCounted && conversations.length >= size,
    total: typeof total === "number" ? total : undefined,
    dateMs: answer.dateMs,
    version: answer.headers.get("intercom-version") ?? undefined,
  };
}

/** A row that cannot be read is fetched by its id later. */
function readRows(found: readonly unknown[]): Pick<SearchAnswer, "rows" | "failures"> {
  const rows: Row[] = [];
  const failures: FailedItem[] = [];
  for (const raw of found) {
    try {
      rows.push(parseItem(Row, raw, { ...service, item: "conversation in a list" }));
    } catch (error) {
      const id = idOf(raw);
      failures.push(id === undefined ? { id: "", error, raw: { conversation: raw } } : { id, error });
    }
  }
  return { rows, failures };
}
