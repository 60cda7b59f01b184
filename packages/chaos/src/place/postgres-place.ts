import type { ConnectorsConfig } from "@statewave-connectors/config";
import type { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { openPostgres, type Postgres, quoteIdentifier, quoteTable } from "@statewave-connectors/postgres-client";
import { placeUsed } from "../errors.ts";
import { atLocalPort, serverAddress, sharedUrl } from "./server-address.ts";
import { claimName, sharedLongestStepMs, sharedProcesses, type TrialPlace, trialName } from "./trial-place.ts";

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
    claim: () => using(claim),
    clear: () =>
      using(async (postgres) => {
        for (const schema of schemas) await postgres.query(`DROP SCHEMA IF EXISTS ${quoteIdentifier(schema)} CASCADE`);
      }),
  };
}

async function claim(postgres: Postgres): Promise<void> {
  await assertWithoutRows(postgres);
  const found = await postgres.query("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1", [trialName]);
  try {
    // Even with IF NOT EXISTS it needs the right to make schemas, which a role may do without where there is one.
    if (found.length === 0) await postgres.query(`CREATE SCHEMA ${quoteIdentifier(trialName)}`);
    await postgres.query(`CREATE TABLE ${quoteTable({ schema: trialName, table: claimName })} ()`);
  } catch (error) {
    throw isTaken(error) ? used(trialName, `the table ${claimName}`) : error;
  }
}

/** Schema or table are there, or another transaction makes the same one, or its row type, at this moment. */
const takenStates = new Set(["42P06", "42P07", "42710", "23505"]);

function isTaken(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && takenStates.has(String(cause.code));
}

async function assertWithoutRows(postgres: Postgres): Promise<void> {
  const tables = await postgres.query(
    "SELECT schemaname, tablename FROM pg_catalog.pg_tables WHERE schemaname = ANY($1) ORDER BY 1, 2",
    [schemas],
  );
  for (const row of tables) {
    const [schema, table] = [String(row["schemaname"]), String(row["tablename"])];
    if ((await postgres.query(`SELECT 1 FROM ${quoteTable({ schema, table })} LIMIT 1`)).length > 0)
      throw used(schema, `a row in ${table}`);
  }
}

function used(schema: string, found: string): ConnectorsError {
  const drop = `DROP SCHEMA ${schemas.join(", ")} CASCADE`;
  return placeUsed(
    `the schema ${schema}`,
    found,
    `run ${drop}, if it is what an earlier trial left: one that was killed, or had \`--keep\``,
  );
}
