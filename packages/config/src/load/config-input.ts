import type { InferInput } from "valibot";
import type { pullEntryTable, pushEntryTable } from "../schema/entry-tables.ts";
import type { notifyTable } from "../schema/notify-table.ts";
import type { privacyTable } from "../schema/privacy-table.ts";
import type { runnerTable } from "../schema/runner-table.ts";
import type { statewaveTable } from "../schema/statewave-table.ts";

/** The options of one entry that its connector's README lists. */
export interface EntryInput {
  readonly [option: string]: unknown;
}

/** A `[[pull.<kind>]]` entry as an object. */
export type PullEntryInput = InferInput<typeof pullEntryTable> & EntryInput;

/** A `[[push.<kind>]]` entry as an object. */
export type PushEntryInput = InferInput<typeof pushEntryTable> & EntryInput;

/** The configuration file as an object: the same tables and keys, in the same spelling. A key that is undefined counts as absent. */
export interface ConfigInput {
  readonly statewave: InferInput<typeof statewaveTable>;
  readonly runner?: InferInput<typeof runnerTable> | undefined;
  readonly privacy?: InferInput<typeof privacyTable> | undefined;
  readonly notify?: readonly InferInput<typeof notifyTable>[] | undefined;
  /** Package names or paths by kind. Connector objects are an option of `parseConfig`. */
  readonly connectors?: Readonly<Record<string, string>> | undefined;
  /** Entries by kind. */
  readonly pull?: Readonly<Record<string, readonly PullEntryInput[]>> | undefined;
  /** Entries by kind. */
  readonly push?: Readonly<Record<string, readonly PushEntryInput[]>> | undefined;
}
