import type { FailedItem } from "@statewave-connectors/connector-sdk";
import type { GenericSchema, InferOutput } from "valibot";
import { Added, Deleted, HistoryRow, Relabelled } from "../api-items.ts";
import { readRows } from "./read-rows.ts";

/** One change of a mailbox, as far as it can be read. */
export interface HistoryRecord {
  readonly id: string;
  readonly messagesAdded: readonly InferOutput<typeof Added>[];
  readonly messagesDeleted: readonly InferOutput<typeof Deleted>[];
  readonly labelsAdded: readonly InferOutput<typeof Relabelled>[];
  readonly labelsRemoved: readonly InferOutput<typeof Relabelled>[];
}

/** The records of a page. An entry of another form costs only itself: its record may report mails besides it. */
export function readRecords(rows: readonly unknown[]): {
  readonly items: readonly HistoryRecord[];
  readonly malformed: readonly FailedItem[];
} {
  const read = readRows(HistoryRow, rows, "history record");
  const malformed = [...read.malformed];
  const entriesOf = <Entry>(schema: GenericSchema<unknown, Entry>, list: readonly unknown[]): readonly Entry[] => {
    const entries = readRows(schema, list, "change in a history record");
    malformed.push(...entries.malformed);
    return entries.items;
  };
  const items = read.items.map((row): HistoryRecord => ({
    id: row.id,
    messagesAdded: entriesOf(Added, row.messagesAdded),
    messagesDeleted: entriesOf(Deleted, row.messagesDeleted),
    labelsAdded: entriesOf(Relabelled, row.labelsAdded),
    labelsRemoved: entriesOf(Relabelled, row.labelsRemoved),
  }));
  return { items, malformed };
}
