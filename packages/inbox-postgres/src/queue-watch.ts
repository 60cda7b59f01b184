import type { Logger } from "@statewave-connectors/connector-sdk";
import type { Postgres } from "@statewave-connectors/postgres-client";
import { BoundedReading } from "./bounded-reading.ts";
import type { Depth } from "./depth.ts";
import { makeStrandedReady, tooFarAhead } from "./future-times.ts";
import { walkIndexInOrder } from "./planner-settings.ts";
import type { SourceStates } from "./source-states.ts";

export interface Count {
  readonly depth: number;
  readonly bytes: number;
  readonly oldestAcceptedAtMs: number | undefined;
}

/** A count, and what this process had changed when it began: Postgres counts what was there then, however long it takes. */
interface CountAt {
  readonly count: Count;
  readonly changed: Depth["changed"];
}

export interface QueueWatchParts {
  readonly postgres: Postgres;
  /** pg-boss's schema, quoted. */
  readonly schema: string;
  readonly states: SourceStates;
  readonly depth: Depth;
  readonly logger: Logger;
}

/** Counting is put off while it would take more than this share of the time. */
const countingShare = 0.05;
/** So many counts in a row that other changes ran into; then one is taken as it is. */
const maxUnquietCounts = 6;

/** Looks at pg-boss's table of jobs: what may be ready, and how much there is. */
export class QueueWatch {
  readonly #parts: QueueWatchParts;
  readonly #counting: BoundedReading<CountAt>;
  #unquietCounts = 0;
  #notBeforeMs = 0;

  constructor(parts: QueueWatchParts) {
    this.#parts = parts;
    this.#counting = new BoundedReading(async () => {
      const { changed } = parts.depth;
      return { count: await this.#count(), changed };
    });
  }

  /**
   * Finds sources with items that are ready, from any process; returns whether there is one. Makes ready what a server whose clock was ahead
   * has postponed for years.
   */
  async look(): Promise<boolean> {
    const { postgres, schema, states, logger } = this.#parts;
    const waits = (condition: string) =>
      `EXISTS (SELECT 1 FROM ${schema}.job WHERE name = queue.name AND state < 'active' AND NOT blocked AND ${condition})`;
    const ready = (condition: string) => waits(`start_after <= now() AND ${condition}`);
    try {
      const rows = await postgres.transaction(
        (session) =>
          session.query(
            `SELECT * FROM (
               SELECT name, ${ready("priority >= 0")} AS fresh, ${ready("priority < 0")} AS retried,
                 ${waits(`start_after > ${tooFarAhead}`)} AS stranded FROM ${schema}.queue
             ) AS seen WHERE fresh OR retried OR stranded`,
          ),
        walkIndexInOrder,
      );
      const stranded = rows.filter((row) => row["stranded"] === true).map((row) => String(row["name"]));
      if (stranded.length > 0) await makeStrandedReady(postgres, schema, stranded);
      for (const row of rows) {
        const state = states.ofQueue(String(row["name"]));
        if (state === undefined) continue;
        const isStranded = row["stranded"] === true;
        if (row["fresh"] === true || isStranded) state.freshMayWait = true;
        if (row["retried"] === true || isStranded) state.retriedAtMs = 0;
      }
      return rows.length > 0;
    } catch (error) {
      logger.debug("the inbox could not look for work", { error });
      return false;
    }
  }

  /**
   * How much there is: exact where counting is quick. Of a backlog that is slow to count, an earlier count and what this process changed since, without what
   * others changed.
   */
  async content(): Promise<Count> {
    const { value, isFresh } = await this.#counting.get();
    if (isFresh) return value.count;
    const { items, bytes } = this.#parts.depth.changed;
    const { count, changed } = value;
    const depth = Math.max(0, count.depth + items - changed.items);
    return {
      depth,
      bytes: Math.max(0, count.bytes + bytes - changed.bytes),
      // Nothing that was counted earlier is left.
      oldestAcceptedAtMs: depth === 0 ? undefined : count.oldestAcceptedAtMs,
    };
  }

  /** Exact. Reads every job that waits or is claimed, but none of their bodies. */
  async #count(): Promise<Count> {
    const { postgres, schema } = this.#parts;
    const [row] = await postgres.query(
      `SELECT count(*) AS depth, coalesce(sum(group_tier::bigint), 0) AS bytes,
         floor(extract(epoch FROM min(created_on)) * 1000) AS oldest_ms
       FROM ${schema}.job WHERE state < 'completed' AND starts_with(name, 'inbox/')`,
    );
    const oldest = row?.["oldest_ms"];
    return {
      depth: Number(row?.["depth"]),
      bytes: Number(row?.["bytes"]),
      oldestAcceptedAtMs: oldest === null || oldest === undefined ? undefined : Number(oldest),
    };
  }

  /** Brings what this process believes of depth and bytes up to date with what others did. */
  async recount(): Promise<void> {
    const { depth, logger } = this.#parts;
    const startedMs = performance.now();
    if (startedMs < this.#notBeforeMs) return;
    const wasQuiet = depth.isQuiet;
    const { changes } = depth;
    try {
      const counted = await this.#count();
      // A count that own changes ran into may hold them or not. Now and then it is still better than none.
      const isClean = wasQuiet && depth.changes === changes;
      this.#unquietCounts = isClean ? 0 : this.#unquietCounts + 1;
      if (isClean || this.#unquietCounts >= maxUnquietCounts) {
        depth.adopt(counted.depth, counted.bytes);
        this.#unquietCounts = 0;
      }
    } catch (error) {
      logger.debug("the inbox could not count its items", { error });
    }
    const endedMs = performance.now();
    this.#notBeforeMs = endedMs + (endedMs - startedMs) / countingShare;
  }
}
