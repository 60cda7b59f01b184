import { toInstant } from "@statewave-connectors/connector-sdk/paging";
import type { Happening } from "./happening.ts";
import type { Ticket } from "./records.ts";

/** Zendesk tags the ticket that was merged into another one. */
const mergedTag = "closed_by_merge";

/** A follow-up has the tags of the ticket that it follows. */
export function isMerged({ tags, status, is_follow_up }: Pick<Ticket, "tags" | "status" | "is_follow_up">): boolean {
  return status === "closed" && !is_follow_up && tags.includes(mergedTag);
}

/** What a ticket as it is now reports: its events say neither how it was rated, nor that it was merged. */
export function ticketHappenings(ticket: Ticket): readonly Happening[] {
  const at = toInstant(Date.parse(ticket.updated_at));
  const { satisfaction_rating: rating } = ticket;
  const verdict = /^(good|bad)(?:$|_)/.exec(rating?.score ?? "")?.[1];
  const isRated = rating !== null && rating !== undefined && verdict !== undefined;
  return [
    ...(isMerged(ticket) ? [{ type: "merged", at } as const] : []),
    ...(isRated ? [{ type: "rated", at, id: rating.id, isGood: verdict === "good", words: rating.comment } as const] : []),
  ];
}
