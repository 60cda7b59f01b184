import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "@statewave-connectors/connector-sdk";
import { type AdapterContext, type InboxLimits, InboxShell } from "@statewave-connectors/connector-sdk/inbox";
import { openPostgres, type Postgres, quoteIdentifier, readDurability } from "@statewave-connectors/postgres-client";
import { PgBoss } from "pg-boss";
import { Acceptor } from "./acceptor.ts";
import { toBossDatabase } from "./boss-database.ts";
import { DeadLetters } from "./dead-letters.ts";
import { Depth } from "./depth.ts";
import { setBackClaimTimes } from "./future-times.ts";
import { install } from "./install.ts";
import { ItemQueues } from "./item-queues.ts";
import type { PostgresInboxOptions } from "./options.ts";
import { PostgresEngine } from "./postgres-engine.ts";
import { putOffStatistics } from "./put-off-statistics.ts";
import { QueueWatch } from "./queue-watch.ts";
import { Settler } from "./settler.ts";
import { SourceStates } from "./source-states.ts";
import { WorkAnnouncer } from "./work-announcer.ts";

/** Accepts, claims and settlements. */
const quick = { maxConnections: 10, timeoutMs: 5_000 } as const;
/** Installing, migrating, clearing up; one more connection hears of work in other processes. */
const patient = { maxConnections: 3, timeoutMs: 60_000, drainMs: 500 } as const;
/** How long pg-boss may take to stop: it waits for its statements, which an unreachable server never answers. */
const stopMs = 1_000;

/** The inbox on pg-boss, with its tables made or migrated. */
export async function openPostgresInbox(
  options: PostgresInboxOptions,
  limits: InboxLimits,
  { clock, logger }: AdapterContext,
): Promise<InboxShell> {
  const schemaName = `${options.schema}_inbox`;
  const schema = quoteIdentifier(schemaName);
  const postgres = await openPostgres({ area: "INBOX", server: options.url, logger, ...quick });
  const slow = await openPostgres({ area: "INBOX", server: options.url, logger, ...patient });
  const states = new SourceStates();
  const boss = startableBoss(schema, limits, logger, slow);
  const announcer = new WorkAnnouncer({ postgres, listening: slow, channel: schemaName, clock, logger });
  const shutDown = async () => {
    announcer.close();
    const stopped = boss.stop({ graceful: false, close: false });
    stopped.catch((error: unknown) => logger.debug("pg-boss did not stop", { error }));
    await Promise.race([stopped.catch(() => undefined), delay(stopMs, undefined, { ref: false })]);
    await Promise.all([postgres.close(), slow.close()]);
  };
  try {
    const { durability } = await readDurability(postgres, { area: "INBOX", required: options.require_durable, logger });
    await install({ boss, slow, schemaName });
    const queues = new ItemQueues(boss, limits);
    const depth = new Depth(limits);
    const letters = new DeadLetters(schema, postgres, queues);
    const watch = new QueueWatch({ postgres, schema, states, depth, logger });
    await putOffStatistics({ postgres, schema, logger });
    await setBackClaimTimes({ postgres, schema, logger });
    await watch.recount();
    const acceptor = new Acceptor({ postgres, queues, depth, schema });
    const settler = new Settler({ boss, postgres, schema, letters, depth, clock });
    const engine = new PostgresEngine({
      durability,
      boss,
      postgres,
      schema,
      acceptor,
      settler,
      letters,
      depth,
      states,
      watch,
      announcer,
      clock,
      logger,
      shutDown,
    });
    await announcer.listen((queueName) => engine.heard(queueName));
    await watch.look();
    return new InboxShell(engine, clock);
  } catch (error) {
    await shutDown();
    throw error;
  }
}

function startableBoss(schema: string, limits: InboxLimits, logger: Logger, slow: Postgres): PgBoss {
  const boss = new PgBoss({
    db: toBossDatabase(slow),
    schema,
    createSchema: false,
    schedule: false,
    // Its default of a minute each would add up to two before a dead process's work comes back.
    superviseIntervalSeconds: 1,
    monitorIntervalSeconds: 1,
    maintenanceIntervalSeconds: 600,
    warningQueueSize: limits.maxDepth,
  });
  boss.on("error", (error) => logger.debug("pg-boss reported an error and continues", { error }));
  boss.on("warning", ({ message }) => logger.debug("pg-boss warns", { reason: message }));
  return boss;
}
