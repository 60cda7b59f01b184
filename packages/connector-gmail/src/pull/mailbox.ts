import type { ConnectorContext, Episode } from "@statewave-connectors/connector-sdk";
import type { MailScope } from "../episodes/mail-scope.ts";
import type { MailboxApi } from "../mailbox-api.ts";
import type { MessageFetcher } from "./fetch-messages.ts";
import type { LabelNames } from "./label-names.ts";
import type { MailFilter } from "./mail-filter.ts";
import type { MissedMails } from "./search-results.ts";

/** One mailbox as an entry reads it. */
export interface Mailbox {
  /** The id of the part. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly api: MailboxApi;
  readonly fetcher: MessageFetcher;
  readonly labelNames: LabelNames;
  readonly missed: MissedMails;
}

/** What all mailboxes of an entry are read with. */
export interface Reading {
  readonly context: ConnectorContext;
  readonly filter: MailFilter;
  readonly scope: MailScope;
  /** Makes episodes of a raw item: `map` of the entry. */
  readonly map: (raw: unknown) => readonly Episode[];
  /** Labels whose changes are reported. */
  readonly reportedLabels: readonly string[];
  readonly reportsDeletions: boolean;
}
