import { type Fields, toFields } from "@statewave-connectors/connector-sdk/items";
import { beginningOf } from "../episodes/event-happenings.ts";

/** What is remembered of a ticket, unchecked: its events lack all of it. */
export type TicketFacts = Fields;

const remembered = [
  "id",
  "subject",
  "status",
  "requester_id",
  "organization_id",
  "brand_id",
  "tags",
  "created_at",
  "updated_at",
  "satisfaction_rating",
] as const;

/** Stands for a ticket that Zendesk does not have any more. */
const goneTicket: TicketFacts = { status: "deleted" };

/** The facts of some tickets, with what stands for those that Zendesk leaves out of its answer. */
export function factsOrGone(ids: readonly string[], rows: ReadonlyMap<string, Fields>): ReadonlyMap<string, TicketFacts> {
  return new Map(
    ids.map((id) => {
      const row = rows.get(id);
      return [id, row === undefined ? goneTicket : toTicketFacts(row)];
    }),
  );
}

export function isGone({ status }: TicketFacts): boolean {
  return status === "deleted";
}

/** Of the description only what it is recognised by: tens of thousands of tickets are remembered. */
export function toTicketFacts(row: Fields): TicketFacts {
  const { description } = row;
  return {
    ...Object.fromEntries(remembered.map((name) => [name, row[name]])),
    ...(isFollowUp(row) && { is_follow_up: true }),
    description: typeof description === "string" ? copyOf(beginningOf(description.slice(0, 1_000))) : description,
  };
}

/** Whether a ticket was opened by an answer to a closed one. */
function isFollowUp({ via }: Fields): boolean {
  return toFields(toFields(via)?.["source"])?.["rel"] === "follow_up";
}

/** A part of a text keeps the whole text in memory, a copy does not. */
function copyOf(text: string): string {
  return Buffer.from(text).toString();
}
