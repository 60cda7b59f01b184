import { type Fields, idField, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { isGone, remember, type RememberedTicket, toTicketFacts } from "../names/ticket-facts.ts";

/** A ticket as a page of the export holds it: what is remembered of it, and what decides over it. */
export interface ReadTicket {
  readonly id: string | undefined;
  /** The same only while nothing changed. */
  readonly key: string;
  readonly facts: RememberedTicket;
  readonly isGone: boolean;
  /** When Zendesk counts it as changed, epoch seconds. */
  readonly changedSeconds: number;
  /** When people changed it, which its deletion does as well; Zendesk counts it as changed again when it deletes it for good. */
  readonly updatedMs: number;
  /** Most tickets report nothing of their own: for them no names are looked up. */
  readonly mayReport: boolean;
}

export function toReadTicket(row: Fields): ReadTicket {
  const { generated_timestamp: changed, tags } = row;
  const updated = stringField(row, "updated_at") ?? "";
  const changedSeconds = typeof changed === "number" && Number.isSafeInteger(changed) ? changed : 0;
  const score = stringField(toFields(row["satisfaction_rating"]), "score") ?? "";
  return {
    id: idField(row, "id"),
    key: `${String(row["id"])} ${String(changed)} ${updated}`,
    facts: remember(toTicketFacts(row)),
    isGone: isGone(row),
    changedSeconds,
    updatedMs: Date.parse(updated) || changedSeconds * 1_000 || Infinity,
    mayReport: /^(?:good|bad)/.test(score) || (Array.isArray(tags) && tags.includes("closed_by_merge")),
  };
}
