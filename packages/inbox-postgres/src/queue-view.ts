import { type ItemQuery, type InboxView, metaId, type QueuedItem, toKeyPage } from "@statewave-connectors/connector-sdk/inbox";
import type { Postgres, QueryRow } from "@statewave-connectors/postgres-client";
import { BoundedReading } from "./bounded-reading.ts";
import { decodeItem, type StoredItem } from "./encode-item.ts";
import { parseQueueName, toJobId, toQueueName } from "./job-name.ts";
import { walkIndexes } from "./planner-settings.ts";

const micros = (column: string) => `floor(extract(epoch FROM ${column}) * 1000000)::bigint`;
const columns = `id::text AS id, name, data->>'type' AS type, data->>'meta' AS meta, state::text AS state, priority,
  ${micros("created_on")} AS created_us, ${micros("start_after")} AS start_us`;
const firstId = "00000000-0000-0000-0000-000000000000";
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * What waits in the queues of pg-boss, and the ids that it remembers. A key is when the item was accepted and the id of its job. `flushed`
 * resolves when the settlements made so far are stored.
 */
export function viewOfQueues(postgres: Postgres, schema: string, flushed: () => Promise<void>): InboxView {
  const counts = new BoundedReading(() => countBySource(postgres, schema));
  return {
    async list(query: ItemQuery = {}) {
      const { source, limit } = toKeyPage(query);
      const after = query.after === undefined ? { createdUs: "-1", id: firstId } : parseKey(query.after);
      if (after === undefined) return [];
      const page = [source === undefined ? null : toQueueName(source), after.createdUs, after.id, limit];
      const rows = await postgres.transaction((session) => session.query(pageOf(schema), page), walkIndexes);
      return rows.flatMap((row) => toQueued(row) ?? []);
    },
    async get(key) {
      const id = parseKey(key)?.id ?? key;
      if (!uuid.test(id)) return undefined;
      const [row] = await postgres.query(
        `SELECT ${columns}, data FROM (${ourQueues(schema)}) AS queues JOIN ${schema}.job USING (name)
         WHERE id = $1::uuid AND state < 'completed'`,
        [id],
      );
      const queued = row && toQueued(row);
      return queued && { ...queued, item: decodeItem(queued.source, row["data"] as StoredItem) };
    },
    async remembers(source, id) {
      const job = [toQueueName(source), toJobId(source, id)];
      const rows = await postgres.query(`SELECT 1 FROM ${schema}.job WHERE name = $1 AND id = $2::uuid`, job);
      return rows.length > 0;
    },
    async countBySource() {
      await flushed();
      return (await counts.get()).value;
    },
  };
}

async function countBySource(postgres: Postgres, schema: string) {
  const rows = await postgres.query(
    `SELECT name, count(*) AS count FROM ${schema}.job WHERE state < 'completed' AND starts_with(name, 'inbox/') GROUP BY name`,
  );
  return rows.flatMap((row) => {
    const source = parseQueueName(String(row["name"]));
    return source === undefined ? [] : [{ source, count: Number(row["count"]) }];
  });
}

/** pg-boss's indexes begin with the name of the queue: a job is found by its id only together with them. */
export function ourQueues(schema: string): string {
  return `SELECT name FROM ${schema}.queue WHERE starts_with(name, 'inbox/')`;
}

/**
 * A page by time over all queues, in the order in which pg-boss's indexes hold each number of attempts of each queue: a million jobs are
 * neither read nor sorted for it. Its parameters are the queue or null, the time and the id of the last job before it, and its length.
 */
function pageOf(schema: string): string {
  const job = `${schema}.job`;
  const ready = "job.state < 'active' AND NOT job.blocked";
  const fromUs = "'epoch'::timestamptz + $2::bigint * interval '1 microsecond'";
  const isBehind = `job.created_on >= ${fromUs} AND (job.created_on, job.id) > (${fromUs}, $3::uuid)`;
  const firstOf = (lane: string, count: string) =>
    `SELECT job.name, job.id, job.created_on FROM ${job}
     WHERE job.name = ${lane}.name AND job.priority = ${lane}.priority AND ${ready} AND ${isBehind}
     ORDER BY job.created_on, job.id LIMIT ${count}`;
  return `WITH RECURSIVE queues AS (
      SELECT name FROM (${ourQueues(schema)}) AS ours WHERE $1::text IS NULL OR name = $1
    ), lanes AS (
      SELECT name, (SELECT max(job.priority) FROM ${job} WHERE job.name = queues.name AND ${ready}) AS priority FROM queues
      UNION ALL
      SELECT name, (
        SELECT max(job.priority) FROM ${job} WHERE job.name = lanes.name AND ${ready} AND job.priority < lanes.priority
      ) FROM lanes WHERE priority IS NOT NULL
    ), nearest AS (
      SELECT lanes.name, lanes.priority FROM lanes CROSS JOIN LATERAL (${firstOf("lanes", "1")}) AS first
      WHERE lanes.priority IS NOT NULL ORDER BY first.created_on, first.id LIMIT $4
    ), page AS (
      SELECT waiting.* FROM nearest CROSS JOIN LATERAL (${firstOf("nearest", "$4")}) AS waiting
      UNION ALL
      SELECT job.name, job.id, job.created_on FROM queues JOIN ${job} USING (name)
      WHERE job.state = 'active' AND job.group_id IS NOT NULL AND ${isBehind}
      ORDER BY created_on, id LIMIT $4
    )
    SELECT ${columns} FROM (SELECT name, id FROM page) AS found JOIN ${job} USING (name, id)
    ORDER BY created_on, job.id`;
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
