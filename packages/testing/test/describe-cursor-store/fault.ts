import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { type AcquireRequest, type SourceRow, unknownSource } from "@statewave-connectors/connector-sdk/store";
import type { Place, Table } from "./table-store.ts";
import type { Fault, Sort } from "./broken-store.ts";

export type Rows = Place["rows"];

/** A possible mistake, and a case that must notice. */
export interface KnownFault extends Fault {
  readonly mistake: string;
  readonly noticedBy: string;
  /** Default: memory. */
  readonly sort?: Sort;
}

/** Changes one row. */
export function edit(rows: Rows, source: SourceKey, change: (row: SourceRow) => SourceRow): void {
  const key = formatSourceKey(source);
  rows.set(key, change(rows.get(key) ?? unknownSource));
}

/** Decides a claim as if the row were another one. */
export function acquiringAsIf(change: (row: SourceRow, request: AcquireRequest, nowMs: number) => SourceRow) {
  return (rows: Rows, sound: Table): Partial<Table> => ({
    acquire: (requests, nowMs) =>
      requests.map((request) => {
        const key = formatSourceKey(request.source);
        const before = rows.get(key);
        if (before !== undefined) rows.set(key, change(before, request, nowMs));
        const [answer] = sound.acquire([request], nowMs);
        if (!answer!.granted && before !== undefined) rows.set(key, before);
        return answer!;
      }),
  });
}

/** Changes the row of every claim that is granted. */
export function afterGrant(change: (row: SourceRow, before: SourceRow) => SourceRow) {
  return (rows: Rows, sound: Table): Partial<Table> => ({
    acquire: (requests, nowMs) =>
      requests.map((request) => {
        const before = rows.get(formatSourceKey(request.source)) ?? unknownSource;
        const [answer] = sound.acquire([request], nowMs);
        if (answer!.granted) edit(rows, request.source, (row) => change(row, before));
        return answer!;
      }),
  });
}
