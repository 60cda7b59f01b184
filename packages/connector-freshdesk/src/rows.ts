import { anyId, type Fields, toFields } from "@statewave-connectors/connector-sdk/items";
import * as v from "valibot";

/** A list of Freshdesk is a bare array. Its rows are read when they are mapped, so that a broken one costs only itself. */
export const Rows = v.array(v.unknown());

const digits = /^\d{1,20}$/;

/** An id, as a number or as text: Freshdesk's are whole numbers. */
export const id = () => v.pipe(anyId(), v.regex(digits));

/** What paging needs of a ticket. */
export const TicketRow = v.looseObject({
  id: id(),
  updated_at: v.optional(v.string(), ""),
});

export type TicketRow = v.InferOutput<typeof TicketRow>;

const briefFields = ["id", "subject", "requester_id", "company_id"] as const;

/** What the episodes of a conversation or a rating say of their ticket, as small as a dead letter should be. */
export function briefOf(ticket: Fields): Fields {
  const name = toFields(ticket["requester"])?.["name"];
  const brief = Object.fromEntries(briefFields.map((field) => [field, ticket[field]]));
  return typeof name === "string" ? { ...brief, requester: { name } } : brief;
}
