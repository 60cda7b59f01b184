import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import {
  type AcquireRequest,
  type AcquireResult,
  type SourceRow,
  unknownSource,
} from "@statewave-connectors/connector-sdk/store";

/** What the acquire script answers to one request. */
export type AcquireReply =
  | readonly ["granted", epoch: number, resumed: 0 | 1, dueMs: number | null, cursor: string | null]
  | readonly ["busy" | "waiting", retryInMs: number]
  | readonly ["finished" | "early" | "surplus"];

/** What the list script answers: fields and values of a hash follow each other. */
export type ListReply = readonly [nowMs: number, cursors: readonly string[], leases: readonly string[]];

export function toAcquireResult(reply: AcquireReply, { source, owner }: AcquireRequest): AcquireResult {
  switch (reply[0]) {
    case "granted": {
      const [, epoch, resumed, dueMs, cursor] = reply;
      const lease = { source, owner, epoch, resumed: resumed === 1 };
      return {
        granted: true,
        lease: { ...lease, ...(dueMs === null ? {} : { dueMs }), ...(cursor === null ? {} : { cursor }) },
      };
    }
    case "busy":
    case "waiting":
      return { granted: false, reason: reply[0], retryInMs: reply[1] };
    case "finished":
    case "early":
    case "surplus":
      return { granted: false, reason: reply[0] };
  }
}

/** A source's field in the hash of leases, as the scripts write it. */
interface StoredLease {
  readonly epoch: number;
  readonly updatedAtMs?: number;
  readonly finishedDueMs?: number;
  readonly openDueMs?: number;
  readonly resumeAtMs?: number;
  readonly owner?: string;
  readonly leaseDueMs?: number;
  readonly lapsesAtMs?: number;
}

export function toSourceRows([, cursors, leases]: ListReply): Map<string, SourceRow> {
  const rows = new Map<string, SourceRow>();
  for (const [key, text] of pairs(leases)) rows.set(key, toRow(parse(key, text)));
  for (const [key, cursor] of pairs(cursors)) rows.set(key, { ...(rows.get(key) ?? unknownSource), cursor });
  return rows;
}

function* pairs(flat: readonly string[]): Generator<readonly [field: string, value: string]> {
  let field: string | undefined;
  for (const text of flat) {
    if (field !== undefined) yield [field, text];
    field = field === undefined ? text : undefined;
  }
}

function toRow({ owner, leaseDueMs, lapsesAtMs, ...row }: StoredLease): SourceRow {
  const lease = lapsesAtMs === undefined ? undefined : { owner: owner ?? "", dueMs: leaseDueMs, lapsesAtMs };
  return { ...unknownSource, ...row, lease };
}

function parse(key: string, text: string): StoredLease {
  try {
    return JSON.parse(text) as StoredLease;
  } catch (cause) {
    throw new ConnectorsError({
      code: "STORE_CORRUPT",
      message: `what Redis holds of ${key}'s lease is not what a runner wrote: ${text.slice(0, 100)}`,
      hint: "name another key_prefix if something else uses this one",
      cause,
    });
  }
}
