import type { ConnectorsConfig } from "@statewave-connectors/config";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { openPostgres, type Postgres, quoteIdentifier } from "@statewave-connectors/postgres-client";
import { placeUsed } from "../errors.ts";
import { atLocalPort, serverAddress, sharedUrl } from "./server-address.ts";
import { sharedLongestStepMs, sharedProcesses, type TrialPlace, trialName } from "./trial-place.ts";

const statementMs = 30_000;
/** Of the store and, as it names it itself, of the inbox. */
const schemas = [trialName, `${trialName}_inbox`];

/** Schemas of its own in the operator's database. */
export function postgresPlace({ runner }: ConnectorsConfig): TrialPlace {
  const url = sharedUrl(runner);
  const using = async <Value>(work: (postgres: Postgres) => Promise<Value>): Promise<Value> => {
    const postgres = await openPostgres({
      area: "STORE",
      server: url,
      maxConnections: 1,
      timeoutMs: statementMs,
      logger: silentLogger,
    });
    try {
      return await work(postgres);
    } finally {
      await postgres.close();
    }
  };
  return {
    name: `postgres, schemas ${schemas.join(" and ")}`,
    processes: sharedProcesses,
    longestStepMs: sharedLongestStepMs,
    server: serverAddress(url, 5432),
    tables(port) {
      const options = { kind: "postgres", url: atLocalPort(url, port), schema: trialName };
      return { state: options, inbox: options };
    },
    assertEmpty: () => using(assertWithoutRows),
    clear: () =>
      using(async (postgres) => {
        for (const schema of schemas) await postgres.query(`DROP SCHEMA IF EXISTS ${quoteIdentifier(schema)} CASCADE`);
      }),
  };
}

async function assertWithoutRows(postgres: Postgres): Promise<void> {
  const tables = await postgres.query(
    "SELECT schemaname, tablename FROM pg_catalog.pg_tables WHERE schemaname = ANY($1) ORDER BY 1, 2",
    [schemas],
  );
  for (const row of tables) {
    const [schema, table] = [String(row["schemaname"]), String(row["tablename"])];
    const name = `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
    if ((await postgres.query(`SELECT 1 FROM ${name} LIMIT 1`)).length === 0) continue;
    const drop = `DROP SCHEMA ${schemas.join(", ")} CASCADE`;
    throw placeUsed(`the schema ${schema}`, `a row in ${table}`, `run ${drop}, if it is what an earlier \`chaos --keep\` left`);
  }
}
