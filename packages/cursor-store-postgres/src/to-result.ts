import type { AcquireRequest, AcquireResult, SourceState } from "@statewave-connectors/connector-sdk/store";
import type { QueryRow } from "@statewave-connectors/postgres-client";

/** What a row of the acquire statement says to its request; undefined: neither granted nor refused, so claim it again. */
export function toAcquireResult({ source, owner }: AcquireRequest, row: QueryRow): AcquireResult | undefined {
  const epoch = toNumber(row["epoch"]);
  if (epoch !== undefined) {
    const dueMs = toNumber(row["lease_due_ms"]);
    const cursor = toText(row["cursor"]);
    const resumed = row["lease_resumed"] === true;
    return { granted: true, lease: { source, owner, epoch, resumed, ...optional({ dueMs }), ...optional({ cursor }) } };
  }
  switch (row["answer"]) {
    case "early":
    case "finished":
    case "surplus":
      return { granted: false, reason: row["answer"] };
    case "busy":
      return { granted: false, reason: "busy", retryInMs: toNumber(row["lapses_in_ms"]) ?? 0 };
    case "waiting":
      return { granted: false, reason: "waiting", retryInMs: toNumber(row["resume_in_ms"]) ?? 0 };
    default:
      return undefined;
  }
}

/** What a row of the list says. */
export function toSourceState(row: QueryRow): SourceState {
  const cursor = toText(row["cursor"]);
  const owner = toText(row["lease_owner"]);
  return {
    source: { kind: String(row["kind"]), name: String(row["name"]) },
    epoch: toNumber(row["epoch"]) ?? 0,
    ...(cursor === undefined ? {} : { cursor, ...optional({ updatedAtMs: toNumber(row["updated_at_ms"]) }) }),
    ...optional({ finishedDueMs: toNumber(row["finished_due_ms"]) }),
    ...optional({ openDueMs: toNumber(row["open_due_ms"]) }),
    ...optional({ resumeInMs: toNumber(row["resume_in_ms"]) }),
    ...(owner === undefined ? {} : { lease: { owner, lapsesInMs: toNumber(row["lapses_in_ms"]) ?? 0 } }),
  };
}

/** `pg` hands out a bigint as text. Ours are times and counters, far below 2^53. */
function toNumber(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}

function toText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The properties that have a value. */
function optional<Properties extends Record<string, unknown>>(
  properties: Properties,
): { [Key in keyof Properties]?: Exclude<Properties[Key], undefined> } {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as never;
}
