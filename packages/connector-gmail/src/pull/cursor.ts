import { textId } from "@statewave-connectors/connector-sdk/items";
import { fromInstant, partsCursor } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";

const historyId = v.pipe(v.string(), v.regex(/^\d{1,20}$/));
const epochSeconds = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Where the reading of one mailbox stands. */
const MailboxState = v.strictObject({
  /** Whose mailbox it is. */
  mailbox: v.string(),
  /** Everything up to here was read, or will have been when the listing is. */
  history: historyId,
  /** When Gmail said so, by its clock. */
  at: epochSeconds,
  /** Messages are listed; absent: what is new comes from the history. */
  listing: v.optional(
    v.strictObject({
      /** Only messages since then. */
      since: v.optional(epochSeconds),
      /** Gmail's name of the page that is read; absent: the first. */
      page: v.optional(v.string()),
      /** The last message of the page that was read. */
      after: v.optional(textId()),
    }),
  ),
  /** Since then Gmail's search may not have known every mail when the messages were listed: they are listed once more. */
  unsettled: v.optional(epochSeconds),
  /** The record behind `history` that was read in part, and what of it was read last. */
  record: v.optional(v.strictObject({ id: historyId, after: textId() })),
});

export type MailboxState = v.InferOutput<typeof MailboxState>;

export const cursors = partsCursor({
  kind: "gmail",
  version: 1,
  partsKey: "mailboxes",
  state: MailboxState,
  // Where mailboxes begin that have no state yet.
  beside: { since: v.optional(epochSeconds) },
});

/** A cursor with which every mailbox is read from an instant on. */
export function seedCursor(since: string): string {
  return cursors.format({ states: {}, beside: { since: Math.max(0, Math.floor(fromInstant(since) / 1_000)) } });
}

/** The later of two history ids: they grow, with gaps, and have 64 bits. */
export function laterId(one: string, other: string): string {
  return BigInt(one) >= BigInt(other) ? one : other;
}
