import type { Clock, Logger } from "@statewave-connectors/connector-sdk";
import type { Postgres } from "@statewave-connectors/postgres-client";
import type { PgBoss } from "pg-boss";
import { toBossDatabase } from "./boss-database.ts";
import type { HeldClaims } from "./held-claims.ts";

/** Calls a task again and again, with a pause between its end and its next beginning; its failures are the task's own business. */
export class Repeater {
  readonly #clock: Clock;
  readonly #pauseMs: number;
  readonly #task: () => Promise<void>;
  #cancel: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(clock: Clock, pauseMs: number, task: () => Promise<void>) {
    this.#clock = clock;
    this.#pauseMs = pauseMs;
    this.#task = task;
    this.#arm();
  }

  /** Resolves when the task has ended that was under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#running;
  }

  #arm(): void {
    if (this.#stopped) return;
    this.#cancel = this.#clock.after(this.#pauseMs, () => {
      this.#running = this.#task().then(() => this.#arm());
    });
  }
}

export interface KeepAliveParts {
  readonly boss: PgBoss;
  readonly postgres: Postgres;
  readonly held: HeldClaims;
  readonly logger: Logger;
  /** Some claims were lost: this process gave no sign of life for too long. */
  readonly onLost: () => Promise<void>;
}

/** Gives a sign of life for every claim of this process, and finds out which of them were lost meanwhile. */
export async function keepClaimsAlive({ boss, postgres, held, logger, onLost }: KeepAliveParts): Promise<void> {
  try {
    let lost = 0;
    for (const [queueName, group] of Map.groupBy(held.all(), ({ source }) => source.queueName)) {
      const answer = await boss.touch(
        queueName,
        group.map(({ job }) => ({ ...job })),
        { db: toBossDatabase(postgres) },
      );
      const alive = new Set((answer as { readonly settled?: readonly string[] }).settled ?? []);
      // What is being settled, or was in the meantime, is not lost.
      lost += group.filter(
        (claim) => !alive.has(claim.job.id) && !claim.isSettling && held.get(claim.claim.key) === claim,
      ).length;
    }
    if (lost === 0) return;
    logger.warn("claims were lost: this process gave no sign of life for too long; their items are handed out again", { lost });
    await onLost();
  } catch (error) {
    logger.debug("no sign of life could be given for the claimed items", { error });
  }
}
