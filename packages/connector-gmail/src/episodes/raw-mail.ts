import type { Fields } from "@statewave-connectors/connector-sdk/items";

/** A message as it is mapped and as a dead letter keeps it. */
export interface RawMail {
  /** The address of the mailbox. */
  readonly mailbox: string;
  /** As Gmail returns it with `format=full`; of one that is gone, its ids. */
  readonly message: Fields;
  /** What happened to it; absent: it came. */
  readonly change?: MailChange;
}

/** A change that a record of the history reports. A later one of the same kind is another episode. */
export type MailChange = {
  readonly record: string;
  /** When it was found, epoch seconds by Gmail's clock: the history has no times. */
  readonly at: number;
} & (
  | { readonly type: "trashed" | "gone" }
  /** Names of labels. */
  | { readonly type: "labels"; readonly added: readonly string[]; readonly removed: readonly string[] }
);
