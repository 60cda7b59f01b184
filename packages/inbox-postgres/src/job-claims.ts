import type { Clock } from "@statewave-connectors/connector-sdk";
import type { Claim, ClaimBatch, ClaimQueue, ClaimLimits, Settlement } from "@statewave-connectors/connector-sdk/inbox";
import type { Postgres } from "@statewave-connectors/postgres-client";
import type { JobWithMetadata, PgBoss } from "pg-boss";
import { toBossDatabase } from "./boss-database.ts";
import type { Depth } from "./depth.ts";
import { decodeItem, type StoredItem } from "./encode-item.ts";
import { type HeldClaim, HeldClaims } from "./held-claims.ts";
import { walkIndexInOrder } from "./planner-settings.ts";
import type { Settler } from "./settler.ts";
import type { QueueState, SourceStates } from "./source-states.ts";

export interface JobClaimsParts {
  readonly boss: PgBoss;
  readonly postgres: Postgres;
  readonly states: SourceStates;
  readonly depth: Depth;
  readonly settler: Settler;
  readonly clock: Clock;
}

/** Queues fetched from at the same time: each takes a connection. */
const parallelFetches = 4;
const maxFetchItems = 200;
/** A queue that had less than was requested is fetched from again after so long: what arrives or is settled until then is fetched together. */
const pauseMs = 5;
/** A claim need not survive a crash of the server: its item is then handed out again, as after any crash. */
const claimSettings = [...walkIndexInOrder, "synchronous_commit = off"];

/**
 * Work for the consumer. What each source may have claimed is fetched from its queue, in turn; fresh and retried items, distinguished by
 * their priority, in turn as well. What was fetched beyond the limit of bytes is kept back for the next time.
 */
export class JobClaims implements ClaimQueue {
  readonly held = new HeldClaims();
  readonly #parts: JobClaimsParts;

  constructor(parts: JobClaimsParts) {
    this.#parts = parts;
  }

  async claim(limits: ClaimLimits): Promise<ClaimBatch> {
    // At the end of the loop's turn: settlements that were stored together have all made room by then.
    await new Promise((resolve) => void setImmediate(resolve));
    const claims = [...this.held.handOut(limits.maxBytes)];
    if (this.held.keptBack === 0) {
      const failure = await this.#fetch(limits);
      claims.push(...this.held.handOut(limits.maxBytes));
      // What is handed out must reach the consumer, even if fetching more has failed.
      if (failure !== undefined && claims.length === 0 && this.held.keptBack === 0) throw failure.reason;
    }
    const { states, clock } = this.#parts;
    const nowMs = clock.now();
    const hasRoom = this.held.keptBack === 0 && this.#roomItems(limits) > 0;
    const nextReadyAtMs = states.nextReadyAtMs(limits.maxItemsPerSource, nowMs);
    return {
      claims,
      more: hasRoom && states.ready(limits.maxItemsPerSource, nowMs).length > 0,
      ...(nextReadyAtMs === undefined ? {} : { nextReadyAtMs }),
    };
  }

  async settle(claim: Claim, settlement: Settlement): Promise<void> {
    const held = this.held.get(claim.key);
    // Lost meanwhile, and perhaps claimed again since.
    if (held === undefined || held.claim !== claim) return;
    held.isSettling = true;
    try {
      await this.#parts.settler.settle(held, settlement);
    } catch (error) {
      held.isSettling = false;
      throw error;
    }
    this.held.drop(held);
  }

  async release(claims: readonly Claim[]): Promise<void> {
    const mine = claims.flatMap((claim) => {
      const held = this.held.get(claim.key);
      return held?.claim === claim ? [held] : [];
    });
    for (const held of mine) this.held.drop(held);
    await this.#giveBack(mine);
  }

  /** Gives back what the consumer does not have. */
  async releaseKeptBack(): Promise<number> {
    const claims = this.held.takeKeptBack();
    await this.#giveBack(claims);
    return claims.length;
  }

  /** Gives back everything. */
  async releaseAll(): Promise<void> {
    const all = this.held.all();
    for (const held of all) this.held.drop(held);
    await this.#giveBack(all);
  }

  async #giveBack(claims: readonly HeldClaim[]): Promise<void> {
    if (claims.length === 0) return;
    for (const { source } of claims) {
      source.freshMayWait = true;
      source.retriedAtMs = 0;
    }
    await this.#parts.settler.giveBack(claims);
  }

  /** Resolves with the first failure, if there is one. */
  async #fetch(limits: ClaimLimits): Promise<PromiseRejectedResult | undefined> {
    const { states, clock } = this.#parts;
    const roomItems = this.#roomItems(limits);
    if (roomItems === 0) return undefined;
    const turn = states.ready(limits.maxItemsPerSource, clock.now()).slice(0, Math.min(parallelFetches, roomItems));
    const share = Math.max(1, Math.min(maxFetchItems, Math.floor(roomItems / Math.max(1, turn.length))));
    const outcomes = await Promise.allSettled(
      turn.map((state) => this.#fetchFrom(state, Math.min(share, limits.maxItemsPerSource - state.claimed))),
    );
    return outcomes.find((outcome) => outcome.status === "rejected");
  }

  /** How many items of the usual size the limit of bytes has room for; with nothing out, at least one. */
  #roomItems({ maxBytes }: ClaimLimits): number {
    const room = Math.floor((maxBytes - this.held.handedBytes) / this.#parts.depth.averageBytes);
    return this.held.handedBytes === 0 ? Math.max(1, room) : Math.max(0, room);
  }

  async #fetchFrom(state: QueueState, want: number): Promise<void> {
    state.prefersRetried = !state.prefersRetried;
    const kinds = state.prefersRetried ? (["retried", "fresh"] as const) : (["fresh", "retried"] as const);
    const ready = kinds.filter((kind) => (kind === "fresh" ? state.freshMayWait : state.retriedAtMs <= this.#parts.clock.now()));
    let left = want;
    for (const [index, kind] of ready.entries()) {
      const batchSize = index === 0 && ready.length === 2 ? Math.ceil(left / 2) : left;
      if (batchSize > 0) left -= await this.#fetchKind(state, kind, batchSize);
    }
    if (left > 0) state.pausesUntilMs = this.#parts.clock.now() + pauseMs;
    this.#parts.states.served(state);
  }

  /** Resolves with the number of fetched items. */
  async #fetchKind(state: QueueState, kind: "fresh" | "retried", batchSize: number): Promise<number> {
    const { boss, postgres } = this.#parts;
    const range = kind === "fresh" ? { minPriority: 0 } : { maxPriority: -1 };
    // Before the fetch, so that an item that arrives meanwhile is not overlooked.
    const mayHaveMore = markFetched(state, kind);
    let jobs: JobWithMetadata<StoredItem>[];
    try {
      jobs = await postgres.transaction((session) => {
        const options = { batchSize, ...range, includeMetadata: true, db: toBossDatabase(session) } as const;
        return boss.fetch<StoredItem>(state.queueName, options);
      }, claimSettings);
    } catch (error) {
      mayHaveMore();
      throw error;
    }
    for (const job of jobs) this.held.add(toHeldClaim(state, job));
    if (jobs.length === batchSize) mayHaveMore();
    return jobs.length;
  }
}

/** Marks a queue as fetched from. The returned function takes that back. */
function markFetched(state: QueueState, kind: "fresh" | "retried"): () => void {
  if (kind === "fresh") {
    state.freshMayWait = false;
    return () => {
      state.freshMayWait = true;
    };
  }
  const beforeMs = state.retriedAtMs;
  state.retriedAtMs = Infinity;
  return () => {
    state.retriedAtMs = beforeMs;
  };
}

/** The priority counts the retries downwards: pg-boss's own count also counts crashes, and items that were given back. */
function toHeldClaim(source: QueueState, job: JobWithMetadata<StoredItem>): HeldClaim {
  return {
    claim: { key: job.id, item: decodeItem(source.source, job.data), attempt: Math.max(0, -job.priority) },
    source,
    stored: job.data,
    bodyBytes: Number(job.groupTier ?? 0),
    job: { id: job.id, retryCount: job.retryCount },
    isSettling: false,
  };
}
