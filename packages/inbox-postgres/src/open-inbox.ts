import { setTimeout as delay } from "node:timers/promises";
import { ConnectorsError, type InboxLimits, type Logger, type OpenInbox } from "@statewave-connectors/connector-sdk";
import { openPostgres, type Postgres, quoteIdentifier, readDurability } from "@statewave-connectors/postgres-client";
import { PgBoss } from "pg-boss";
import { Acceptor } from "./acceptor.ts";
import { toListeningDatabase } from "./boss-database.ts";
import { DeadLetters } from "./dead-letters.ts";
import { Depth } from "./depth.ts";
import { ItemQueues } from "./item-queues.ts";
import { PostgresInbox } from "./postgres-inbox.ts";
import { QueueWatch } from "./queue-watch.ts";
import { Settler } from "./settler.ts";
import { SourceStates } from "./source-states.ts";

/** Accepts, claims and settlements. */
const quick = { maxConnections: 10, timeoutMs: 5_000 } as const;
/** Installing, migrating, clearing up; one more connection hears of work in other processes. */
const patient = { maxConnections: 3, timeoutMs: 60_000, drainMs: 500 } as const;
/** How long pg-boss may take to stop: it waits for its statements, which an unreachable server never answers. */
const stopMs = 1_000;

/**
 * What `[runner.inbox] kind = "postgres"` opens. Options `url`, `schema`, `require_durable`. pg-boss and the dead letters live in a
 * schema of their own: `<schema>_inbox`, by default `statewave_inbox`.
 *
 * Throws `INBOX_UNAVAILABLE` (retryable) when the server cannot be reached; `INBOX_ACCESS_DENIED`, `INBOX_OPTION_INVALID`,
 * `INBOX_NOT_DURABLE` or `INBOX_DRIVER_MISSING` when a person has to act.
 */
export const openInbox: OpenInbox = async (options, limits, { clock, logger }) => {
  const url = text(options, "url");
  const schema = quoteIdentifier("INBOX", "schema", `${text(options, "schema") ?? "statewave"}_inbox`);
  const postgres = await openPostgres({ area: "INBOX", url, logger, ...quick });
  const slow = await openPostgres({ area: "INBOX", url, logger, ...patient });
  const states = new SourceStates();
  let inbox: PostgresInbox | undefined;
  const onWork = (queueName: string | undefined) => {
    // Another process accepted something, or may have while nobody listened.
    const changed = queueName === undefined ? states.all() : [states.ofQueue(queueName)];
    for (const state of changed) if (state !== undefined) state.freshMayWait = true;
    inbox?.wake();
  };
  const boss = startableBoss(schema, limits, logger, toListeningDatabase({ postgres: slow, onWork, logger }));
  const shutDown = async () => {
    const stopped = boss.stop({ graceful: false, close: false });
    stopped.catch((error: unknown) => logger.debug("pg-boss did not stop", { error }));
    await Promise.race([stopped.catch(() => undefined), delay(stopMs, undefined, { ref: false })]);
    await Promise.all([postgres.close(), slow.close()]);
  };
  try {
    const required = options["require_durable"] === true;
    const { durability } = await readDurability(postgres, { area: "INBOX", required, logger });
    await install(boss, slow, schema);
    const queues = new ItemQueues(boss, limits);
    const depth = new Depth(limits);
    const letters = new DeadLetters(schema, postgres, queues);
    const watch = new QueueWatch({ postgres, schema, states, depth, logger });
    await watch.recount();
    const acceptor = new Acceptor({ postgres, queues, depth, schema });
    const settler = new Settler({ boss, postgres, letters, depth, clock });
    inbox = new PostgresInbox({
      durability,
      boss,
      postgres,
      acceptor,
      settler,
      letters,
      depth,
      states,
      watch,
      clock,
      logger,
      shutDown,
    });
    await watch.look();
    return inbox;
  } catch (error) {
    await shutDown();
    throw error;
  }
};

/** pg-boss with its tables, and ours. Any number of processes may do this at the same time. */
async function install(boss: PgBoss, slow: Postgres, schema: string): Promise<void> {
  await boss.start();
  const [found] = await slow.query("SELECT to_regclass($1) IS NOT NULL AS found", [`${schema}.dead_letters`]);
  if (found?.["found"] === true) return;
  await slow.transaction(async (session) => {
    // Until the end of this transaction: IF NOT EXISTS alone does not keep two of them apart.
    await session.query("SELECT pg_advisory_xact_lock(hashtext($1))", [`${schema}.dead_letters`]);
    await session.query(DeadLetters.creation(schema));
  });
}

function startableBoss(schema: string, limits: InboxLimits, logger: Logger, db: ReturnType<typeof toListeningDatabase>): PgBoss {
  const boss = new PgBoss({
    db,
    schema,
    schedule: false,
    useListenNotify: true,
    // Its default of a minute each would add up to two before a dead process's work comes back.
    superviseIntervalSeconds: 1,
    monitorIntervalSeconds: 1,
    maintenanceIntervalSeconds: 600,
    warningQueueSize: limits.maxDepth,
  });
  boss.on("error", (error) => logger.debug("pg-boss met an error; it goes on by itself", { error }));
  boss.on("warning", ({ message }) => logger.debug(`pg-boss warns: ${message}`));
  return boss;
}

function text(options: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = options[key];
  if (value === undefined || (typeof value === "string" && value !== "")) return value;
  throw new ConnectorsError({
    code: "INBOX_OPTION_INVALID",
    message: `[runner.inbox] ${key} must be some text.`,
    hint: key === "url" ? 'For example "postgres://user:password@host:5432/database".' : "Leave it out to use the default.",
  });
}
