import {
  type DeadLetterQuery,
  type InboxView,
  metaId,
  type QueuedItem,
  toLetterPage,
} from "@statewave-connectors/connector-sdk/inbox";
import type { Postgres, QueryRow } from "@statewave-connectors/postgres-client";
import { decodeItem, type StoredItem } from "./encode-item.ts";
import { parseQueueName, toJobId, toQueueName } from "./job-name.ts";

const micros = (column: string) => `floor(extract(epoch FROM ${column}) * 1000000)::bigint`;
const columns = `id::text AS id, name, data->>'type' AS type, data->>'meta' AS meta, state::text AS state, priority,
  ${micros("created_on")} AS created_us, ${micros("start_after")} AS start_us`;
const open = "state < 'completed' AND starts_with(name, 'inbox/')";
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What waits in the queues of pg-boss, and the ids that it remembers. A key is when the item was accepted and the id of its job. */
export function viewOfQueues(postgres: Postgres, schema: string): InboxView {
  return {
    async list(query: DeadLetterQuery = {}) {
      const { source, limit } = toLetterPage(query);
      const after = query.after === undefined ? { createdUs: "-1", id: "" } : parseKey(query.after);
      if (after === undefined) return [];
      const rows = await postgres.query(
        `SELECT ${columns} FROM ${schema}.job
         WHERE ${open} AND ($1::text IS NULL OR name = $1) AND (${micros("created_on")}, id::text) > ($2::bigint, $3::text)
         ORDER BY ${micros("created_on")}, id::text LIMIT $4`,
        [source === undefined ? null : toQueueName(source), after.createdUs, after.id, limit],
      );
      return rows.flatMap((row) => toQueued(row) ?? []);
    },
    async get(key) {
      const id = parseKey(key)?.id ?? key;
      if (!uuid.test(id)) return undefined;
      const [row] = await postgres.query(`SELECT ${columns}, data FROM ${schema}.job WHERE ${open} AND id = $1::uuid`, [id]);
      const queued = row && toQueued(row);
      return queued && { ...queued, item: decodeItem(queued.source, row["data"] as StoredItem) };
    },
    async remembers(source, id) {
      const job = [toQueueName(source), toJobId(source, id)];
      const rows = await postgres.query(`SELECT 1 FROM ${schema}.job WHERE name = $1 AND id = $2::uuid`, job);
      return rows.length > 0;
    },
  };
}

/** The ids of the jobs that keys of the view name. */
export function jobIdsOf(keys: readonly string[]): readonly string[] {
  return keys.flatMap((key) => parseKey(key)?.id ?? []);
}

function toQueued(row: QueryRow): QueuedItem | undefined {
  const source = parseQueueName(String(row["name"]));
  if (source === undefined) return undefined;
  const createdUs = String(row["created_us"]);
  const id = metaId(Buffer.from(String(row["meta"]), "base64").toString());
  const isClaimed = row["state"] === "active";
  const attempt = Math.max(0, -Number(row["priority"]));
  return {
    key: `${createdUs}.${String(row["id"])}`,
    source,
    type: String(row["type"]) as QueuedItem["type"],
    ...(id === undefined ? {} : { id }),
    acceptedAtMs: Math.floor(Number(createdUs) / 1_000),
    attempt,
    isClaimed,
    ...(attempt === 0 || isClaimed ? {} : { notBeforeMs: Math.floor(Number(row["start_us"]) / 1_000) }),
  };
}

function parseKey(key: string): { readonly createdUs: string; readonly id: string } | undefined {
  const [createdUs = "", id = ""] = key.split(".");
  return /^\d{1,18}$/.test(createdUs) && uuid.test(id) ? { createdUs, id } : undefined;
}
