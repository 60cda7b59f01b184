import { type Episode, parseItem } from "@statewave-connectors/connector-sdk";
import { toFields } from "@statewave-connectors/connector-sdk/items";
import type { Account } from "../account.ts";
import { freshdesk } from "../client.ts";
import { Item } from "../items.ts";
import { conversationEpisode } from "./conversation-episode.ts";
import { ratingEpisode } from "./rating-episode.ts";
import { ticketEpisodes } from "./ticket-episodes.ts";

/** The episodes of one item, or of several that were fetched together. Throws `FRESHDESK_ITEM_UNMAPPABLE` for one of another form. */
export function toEpisodes(raw: unknown, account: Account): readonly Episode[] {
  const thread = toFields(raw);
  if (thread?.["of"] === "thread" && Array.isArray(thread["items"]))
    return thread["items"].flatMap((each: unknown) => toEpisodes(each, account));
  const item = parseItem(Item, raw, { ...freshdesk, item: itemName(raw) });
  switch (item.of) {
    case "ticket":
      return ticketEpisodes(item, account);
    case "conversation":
      return [conversationEpisode(item, account)];
    case "rating":
      return [ratingEpisode(item, account)];
  }
}

function itemName(raw: unknown): string {
  const of = toFields(raw)?.["of"];
  return of === "conversation" || of === "rating" ? of : "ticket";
}
