import { longestLeaseMs, longestResumeMs, maxDueAheadMs } from "@statewave-connectors/connector-sdk/store";

/** Whether a due or a time of writing lies further ahead than it can: the server's clock was ahead when it was written. Never null. */
function isAhead(column: string, nowMs: string): string {
  return `coalesce(${column} > ${nowMs} + ${maxDueAheadMs}, false)`;
}

/** Whether the lease is live. Never null. */
function isLive(row: string, nowMs: string): string {
  return `coalesce(${row}.lease_until_ms > ${nowMs} AND ${row}.lease_until_ms <= ${nowMs} + ${longestLeaseMs}, false)`;
}

/** Whether the unfinished run still waits. Never null. */
function waits(row: string, nowMs: string): string {
  const latest = `greatest(${row}.open_due_ms, ${row}.finished_due_ms, floor(extract(epoch FROM ${row}.updated_at) * 1000)::bigint)`;
  const isCredible = `${row}.resume_at_ms <= ${nowMs} + ${longestResumeMs} AND NOT ${isAhead(latest, nowMs)}`;
  return `coalesce(${row}.resume_at_ms > ${nowMs} AND ${isCredible}, false)`;
}

/**
 * The statements on one table of cursors. Each is one transaction by itself, and names no session state.
 *
 * Times beside `updated_at` are epoch milliseconds of the server's clock. Rows are locked in the order of their keys, so that two
 * processes with the same sources do not lock each other out. A lease is there while `lease_until_ms` is not null.
 */
export function statementsOn(table: string) {
  const now = "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
  const holds = "row.epoch = $3 AND row.lease_until_ms IS NOT NULL";
  const noLease = "lease_owner = NULL, lease_due_ms = NULL, lease_until_ms = NULL, lease_resumed = false";

  return {
    get: `SELECT cursor FROM ${table} WHERE kind = $1 AND name = $2`,

    set: `
      INSERT INTO ${table} AS row (kind, name, cursor, updated_at, epoch) VALUES ($1, $2, $3, clock_timestamp(), 1)
      ON CONFLICT (kind, name) DO UPDATE
      SET cursor = excluded.cursor, updated_at = excluded.updated_at, epoch = row.epoch + 1, ${noLease}`,

    // An unknown source has nothing to fence: no row is made for a mistyped name.
    delete: `
      WITH before AS (SELECT kind, name, cursor FROM ${table} WHERE kind = $1 AND name = $2 FOR UPDATE)
      UPDATE ${table} AS row SET cursor = NULL, epoch = row.epoch + 1, ${noLease}
      FROM before WHERE row.kind = before.kind AND row.name = before.name
      RETURNING before.cursor IS NOT NULL AS had_one`,

    list: `
      WITH clock AS MATERIALIZED (SELECT ${now} AS now_ms)
      SELECT kind, name, cursor, floor(extract(epoch FROM updated_at) * 1000)::bigint AS updated_at_ms, epoch,
        finished_due_ms, open_due_ms,
        CASE WHEN ${waits("row", "now_ms")} THEN resume_at_ms - now_ms END AS resume_in_ms,
        CASE WHEN ${isLive("row", "now_ms")} THEN lease_owner END AS lease_owner,
        CASE WHEN ${isLive("row", "now_ms")} THEN lease_until_ms - now_ms END AS lapses_in_ms
      FROM ${table} AS row, clock
      WHERE cursor IS NOT NULL OR finished_due_ms IS NOT NULL OR open_due_ms IS NOT NULL OR ${isLive("row", "now_ms")}
      ORDER BY kind COLLATE "C", name COLLATE "C"`,

    acquire: acquireStatement(table, now),

    renew: `
      WITH requested AS MATERIALIZED (
        SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS requested (kind, name, epoch, place)
      ), held AS MATERIALIZED (
        SELECT row.kind, row.name, row.epoch FROM ${table} AS row JOIN requested USING (kind, name)
        WHERE row.epoch = requested.epoch AND row.lease_until_ms IS NOT NULL
        ORDER BY row.kind COLLATE "C", row.name COLLATE "C" FOR UPDATE OF row
      ), renewed AS (
        UPDATE ${table} AS row SET lease_until_ms = ${now} + least($4::bigint, ${longestLeaseMs})
        FROM held WHERE row.kind = held.kind AND row.name = held.name AND row.epoch = held.epoch AND row.lease_until_ms IS NOT NULL
        RETURNING row.kind, row.name, row.epoch
      )
      SELECT renewed.kind IS NOT NULL AS held
      FROM requested LEFT JOIN renewed USING (kind, name, epoch) ORDER BY place`,

    checkpoint: `
      UPDATE ${table} AS row SET cursor = $4, updated_at = clock_timestamp()
      WHERE kind = $1 AND name = $2 AND ${holds} RETURNING 1`,

    finish: `
      UPDATE ${table} AS row SET ${noLease},
        finished_due_ms = coalesce(lease_due_ms, finished_due_ms),
        open_due_ms = CASE WHEN lease_due_ms IS NULL THEN open_due_ms END,
        resume_at_ms = CASE WHEN lease_due_ms IS NULL THEN resume_at_ms END
      WHERE kind = $1 AND name = $2 AND ${holds} RETURNING 1`,

    leave: `
      UPDATE ${table} AS row SET ${noLease},
        resume_at_ms = CASE WHEN lease_due_ms IS NULL THEN resume_at_ms ELSE ${now} + least($4::bigint, ${longestResumeMs}) END
      WHERE kind = $1 AND name = $2 AND ${holds} RETURNING 1`,
  } as const;
}

/**
 * Decides any number of claims by the rules of `CursorStore`. `seen` judges every row as it was when the statement began; of what it
 * finds free the first $6 are claimed (null: all), and judged again on the locked row. One that another process took in between comes back
 * as free and not granted: it has to be claimed again.
 */
function acquireStatement(table: string, now: string): string {
  const claimMs = "(SELECT now_ms FROM clock)";
  const openDue = `CASE WHEN ${isAhead("row.open_due_ms", claimMs)} THEN ${claimMs} ELSE row.open_due_ms END`;
  return `
    WITH clock AS MATERIALIZED (SELECT ${now} AS now_ms),
    requested AS MATERIALIZED (
      SELECT * FROM clock, unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::bigint[])
        WITH ORDINALITY AS request (kind, name, due_ms, owner, ttl_ms, place)
    ), seen AS MATERIALIZED (
      SELECT requested.*, lease_until_ms - now_ms AS lapses_in_ms, resume_at_ms - now_ms AS resume_in_ms, CASE
        WHEN due_ms > now_ms + ${maxDueAheadMs} THEN 'early'
        WHEN ${isLive("row", "now_ms")} THEN 'busy'
        WHEN due_ms IS NULL THEN 'free'
        WHEN open_due_ms IS NOT NULL THEN CASE WHEN ${waits("row", "now_ms")} THEN 'waiting' ELSE 'free' END
        WHEN due_ms <= finished_due_ms AND NOT ${isAhead("finished_due_ms", "now_ms")} THEN 'finished'
        ELSE 'free' END AS verdict
      FROM requested LEFT JOIN ${table} AS row USING (kind, name)
    ), judged AS MATERIALIZED (
      SELECT seen.*, CASE
        WHEN verdict = 'free' AND count(*) FILTER (WHERE verdict = 'free') OVER (ORDER BY place) > $6::bigint THEN 'surplus'
        ELSE verdict END AS answer
      FROM seen
    ), granted AS (
      INSERT INTO ${table} AS row
        (kind, name, updated_at, epoch, open_due_ms, lease_owner, lease_due_ms, lease_until_ms, lease_resumed)
      SELECT kind, name, clock_timestamp(), 1, due_ms, owner, due_ms, now_ms + least(ttl_ms, ${longestLeaseMs}), false
      FROM judged WHERE answer = 'free'
      ORDER BY kind COLLATE "C", name COLLATE "C"
      ON CONFLICT (kind, name) DO UPDATE SET
        epoch = row.epoch + 1,
        finished_due_ms = CASE WHEN NOT ${isAhead("row.finished_due_ms", claimMs)} THEN row.finished_due_ms END,
        open_due_ms = greatest(${openDue}, excluded.lease_due_ms),
        resume_at_ms = CASE WHEN excluded.lease_due_ms IS NULL AND ${waits("row", claimMs)} THEN row.resume_at_ms END,
        lease_owner = excluded.lease_owner,
        lease_due_ms = CASE WHEN excluded.lease_due_ms IS NOT NULL THEN greatest(${openDue}, excluded.lease_due_ms) END,
        lease_until_ms = excluded.lease_until_ms,
        lease_resumed = coalesce(${openDue} >= excluded.lease_due_ms, false)
      WHERE NOT ${isLive("row", claimMs)} AND CASE
        WHEN excluded.lease_due_ms IS NULL THEN true
        WHEN row.open_due_ms IS NOT NULL THEN NOT ${waits("row", claimMs)}
        ELSE coalesce(row.finished_due_ms < excluded.lease_due_ms OR ${isAhead("row.finished_due_ms", claimMs)}, true) END
      RETURNING kind, name, cursor, epoch, lease_due_ms, lease_resumed
    )
    SELECT answer, lapses_in_ms, resume_in_ms, cursor, epoch, lease_due_ms, lease_resumed
    FROM judged LEFT JOIN granted USING (kind, name) ORDER BY place`;
}
