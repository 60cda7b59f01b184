/**
 * The statements on the table of records. Each is one transaction by itself. The server's clock decides what has expired, and the
 * identity of the table numbers the versions: a version is never used twice, and needs no right beyond the table's.
 */
export function recordStatementsOn(table: string) {
  const now = "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
  const clock = `clock AS MATERIALIZED (SELECT ${now} AS now_ms)`;
  const isLive = "(expires_at_ms IS NULL OR expires_at_ms > (SELECT now_ms FROM clock))";

  return {
    get: `WITH ${clock} SELECT key, value, version, expires_at_ms FROM ${table} WHERE scope = $1 AND key = $2 AND ${isLive}`,

    // Returns the version, or none: there is such a record already, or no room for more than $5 (null: not counted).
    create: `
      WITH ${clock}, room AS MATERIALIZED (
        SELECT count(*) AS used, $5::bigint IS NULL OR count(*) < $5::bigint AS is_free
        FROM (SELECT 1 FROM ${table} WHERE $5::bigint IS NOT NULL AND scope = $1 AND ${isLive} LIMIT $5::bigint) AS live
      ), written AS (
        INSERT INTO ${table} AS row (scope, key, value, expires_at_ms)
        SELECT $1, $2, $3, now_ms + $4::bigint FROM clock, room WHERE is_free
        ON CONFLICT (scope, key) DO UPDATE
        SET value = excluded.value, expires_at_ms = excluded.expires_at_ms, version = DEFAULT
        WHERE row.expires_at_ms <= (SELECT now_ms FROM clock)
        RETURNING version
      )
      SELECT used, is_free, version FROM room LEFT JOIN written ON true`,

    replace: `
      WITH ${clock}
      UPDATE ${table} SET value = $3, expires_at_ms = (SELECT now_ms FROM clock) + $4::bigint, version = DEFAULT
      WHERE scope = $1 AND key = $2 AND version = $5::bigint AND ${isLive} RETURNING version`,

    remove: `
      WITH ${clock}
      DELETE FROM ${table} WHERE scope = $1 AND key = $2 AND version = $3::bigint AND ${isLive} RETURNING version`,

    list: `
      WITH ${clock}
      SELECT key, value, version, expires_at_ms FROM ${table}
      WHERE scope = $1 AND key LIKE $2 AND key > $3 AND ${isLive} ORDER BY key LIMIT $4`,

    scopes: `SELECT DISTINCT scope FROM ${table} WHERE scope LIKE $1 AND scope > $2 ORDER BY scope LIMIT $3`,

    // Rows that others are writing are left to them.
    purge: `
      WITH ${clock}, expired AS (
        SELECT scope, key FROM ${table} WHERE expires_at_ms <= (SELECT now_ms FROM clock)
        ORDER BY expires_at_ms LIMIT $1 FOR UPDATE SKIP LOCKED
      )
      DELETE FROM ${table} AS row USING expired WHERE row.scope = expired.scope AND row.key = expired.key`,
  } as const;
}
