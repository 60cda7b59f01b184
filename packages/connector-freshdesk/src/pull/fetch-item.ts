import { isProviderError, path, type ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { idField, toFields } from "@statewave-connectors/connector-sdk/items";
import * as v from "valibot";
import { Rows } from "../rows.ts";
import type { Conversations } from "./conversations.ts";
import type { UnnamedItem } from "./named-items.ts";

/** What an item is fetched with. */
export interface FetchOptions {
  readonly client: ProviderClient;
  readonly conversations: Conversations;
  readonly signal: AbortSignal;
}

/** The items that a failed item's id stands for; undefined: Freshdesk does not have them any more. */
export async function fetchItem(id: string, options: FetchOptions): Promise<readonly UnnamedItem[] | undefined> {
  const [tickets, ticketId, list, rowOf] = id.split("/");
  if (tickets !== "tickets" || ticketId === undefined) return undefined;
  try {
    if (list === "ratings") return await fetchRating(ticketId, rowOf, options);
    const { client, conversations, signal } = options;
    const query = { include: "requester,stats" };
    const { body: ticket } = await client.get(path`tickets/${ticketId}`, { query, signal, schema: v.looseObject({}) });
    // Lists leave both out, and Freshdesk returns them by id.
    if (ticket["deleted"] === true || ticket["spam"] === true) return undefined;
    if (list === undefined) return [{ of: "ticket", ticket }];
    const rows = await conversations.all(ticketId, signal);
    const items = rows.map((conversation): UnnamedItem => ({ of: "conversation", ticket, conversation }));
    return rowOf === undefined ? items : found(items.filter((item) => idOf(item) === rowOf));
  } catch (error) {
    if (isProviderError(error, "not_found") || isProviderError(error, "gone")) return undefined;
    throw error;
  }
}

async function fetchRating(ticketId: string, ratingId: string | undefined, { client, signal }: FetchOptions) {
  const { body } = await client.get(path`tickets/${ticketId}/satisfaction_ratings`, { signal, schema: Rows });
  return found(body.map((rating): UnnamedItem => ({ of: "rating", rating })).filter((item) => idOf(item) === ratingId));
}

function idOf(item: UnnamedItem): string | undefined {
  if (item.of === "ticket") return idField(item.ticket, "id");
  return idField(toFields(item.of === "rating" ? item.rating : item.conversation), "id");
}

function found(items: readonly UnnamedItem[]): readonly UnnamedItem[] | undefined {
  return items.length === 0 ? undefined : items;
}
