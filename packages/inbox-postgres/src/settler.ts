import type { Settlement } from "@statewave-connectors/connector-sdk/inbox";
import type { Postgres, PostgresSession } from "@statewave-connectors/postgres-client";
import type { Clock } from "@statewave-connectors/connector-sdk";
import type { CommandResponse, PgBoss } from "pg-boss";
import { BatchLane } from "./batch-lane.ts";
import { toBossDatabase } from "./boss-database.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { Depth } from "./depth.ts";
import type { HeldClaim } from "./held-claims.ts";
import { toLetterKey } from "./job-name.ts";

export interface SettlerParts {
  readonly boss: PgBoss;
  readonly postgres: Postgres;
  /** pg-boss's schema, quoted. */
  readonly schema: string;
  readonly letters: DeadLetters;
  readonly depth: Depth;
  readonly clock: Clock;
}

interface Settling {
  readonly held: HeldClaim;
  /** Of a retry. */
  readonly afterMs: number;
  /** Of a burial. */
  readonly reason: string;
}

const maxBatchItems = 200;

/**
 * Stores what became of claims. Those of one source and outcome that come together share a commit. Each names the attempt it belongs to:
 * of a claim that was lost meanwhile nothing is stored.
 */
export class Settler {
  readonly #parts: SettlerParts;
  readonly #lanes = new Map<string, BatchLane<Settling, true>>();

  constructor(parts: SettlerParts) {
    this.#parts = parts;
  }

  async settle(held: HeldClaim, settlement: Settlement): Promise<void> {
    const afterMs = settlement.type === "retry" ? settlement.afterMs : 0;
    const reason = settlement.type === "dead" ? settlement.reason : "";
    await this.#lane(held, settlement.type).submit({ held, afterMs, reason });
  }

  /** Puts claims back as they were: `fail` without an output keeps their priority, which counts the attempts. */
  async giveBack(claims: readonly HeldClaim[]): Promise<void> {
    for (const [queueName, group] of Map.groupBy(claims, ({ source }) => source.queueName)) {
      await this.#parts.boss.fail(queueName, attemptsOf(group), null, { db: toBossDatabase(this.#parts.postgres) });
    }
  }

  /** Resolves when what was settled so far is stored, or could not be. */
  async flushed(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.flushed()));
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.idle()));
  }

  async #complete(batch: readonly Settling[]): Promise<void> {
    const { postgres, depth } = this.#parts;
    const settled = await postgres.transaction((session) => this.#completeIn(session, batch));
    for (const held of settled) depth.remove(held.bodyBytes);
  }

  /** Leaves only the ids: pg-boss keeps each row for `dedup_window`, and would keep the body with it. */
  async #completeIn(session: PostgresSession, batch: readonly Settling[]): Promise<readonly HeldClaim[]> {
    const { boss, schema } = this.#parts;
    const claims = batch.map(({ held }) => held);
    const queueName = queueOf(claims);
    const answer = await boss.complete(queueName, attemptsOf(claims), null, { db: toBossDatabase(session) });
    const settled = settledOf(claims, answer);
    await session.query(`UPDATE ${schema}.job SET data = NULL WHERE name = $1 AND id = ANY($2::uuid[])`, [
      queueName,
      settled.map(({ job }) => job.id),
    ]);
    return settled;
  }

  async #postpone(batch: readonly Settling[]): Promise<void> {
    const { boss, postgres, clock } = this.#parts;
    const claims = batch.map(({ held }) => held);
    const queueName = queueOf(claims);
    const settled = await postgres.transaction(async (session) => {
      const db = toBossDatabase(session);
      const answer = await boss.fail(queueName, attemptsOf(claims), null, { db });
      const failed = new Set(settledOf(claims, answer));
      for (const { held, afterMs } of batch) {
        if (!failed.has(held)) continue;
        // pg-boss takes no delay when failing.
        const startAfter = afterMs / 1_000;
        await boss.update(queueName, undefined, { id: held.job.id, startAfter, priority: -(held.claim.attempt + 1), db });
      }
      return failed;
    });
    const nowMs = clock.now();
    for (const { held, afterMs } of batch) {
      if (settled.has(held)) held.source.retriedAtMs = Math.min(held.source.retriedAtMs, nowMs + afterMs);
    }
  }

  async #bury(batch: readonly Settling[]): Promise<void> {
    const { postgres, depth } = this.#parts;
    const settled = await postgres.transaction((session) => this.#buryIn(session, batch));
    for (const held of settled) depth.remove(held.bodyBytes);
  }

  /** Completed rather than failed: its id is remembered like any other's, and the letter lies in a table of its own. */
  async #buryIn(session: PostgresSession, batch: readonly Settling[]): Promise<readonly HeldClaim[]> {
    const { letters } = this.#parts;
    const settled = await this.#completeIn(session, batch);
    for (const { held, reason } of batch) {
      if (!settled.includes(held)) continue;
      const { item } = held.claim;
      const { stored, bodyBytes } = held;
      await letters.bury({ source: item.source, stored, bodyBytes, letterKey: toLetterKey(item), reason }, session);
    }
    return settled;
  }

  #lane({ source }: HeldClaim, type: Settlement["type"]): BatchLane<Settling, true> {
    const key = `${type} ${source.queueName}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      const run = async (batch: readonly Settling[]) => {
        await this.#store(type, batch);
        return batch.map(() => true as const);
      };
      lane = new BatchLane({ run, maxItems: maxBatchItems });
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  #store(type: Settlement["type"], batch: readonly Settling[]): Promise<void> {
    switch (type) {
      case "done":
        return this.#complete(batch);
      case "retry":
        return this.#postpone(batch);
      case "dead":
        return this.#bury(batch);
    }
  }
}

function attemptsOf(claims: readonly HeldClaim[]): { id: string; retryCount: number }[] {
  return claims.map(({ job }) => ({ ...job }));
}

function queueOf(claims: readonly HeldClaim[]): string {
  return claims[0]!.source.queueName;
}

/** Those whose claim still held. pg-boss answers their ids beside the documented count. */
function settledOf(claims: readonly HeldClaim[], answer: CommandResponse): readonly HeldClaim[] {
  const ids = new Set((answer as { readonly settled?: readonly string[] }).settled ?? []);
  return claims.filter(({ job }) => ids.has(job.id));
}
