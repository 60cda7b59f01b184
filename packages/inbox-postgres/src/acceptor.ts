import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { eventId, type InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import type { Postgres } from "@statewave-connectors/postgres-client";
import { BatchLane } from "./batch-lane.ts";
import { toBossDatabase } from "./boss-database.ts";
import type { Depth } from "./depth.ts";
import { encodeItem } from "./encode-item.ts";
import type { ItemQueues, NewJob } from "./item-queues.ts";
import { toJobId, toQueueName } from "./job-name.ts";

type AcceptOutcome = "fresh" | "duplicate";

export interface AcceptorParts {
  readonly postgres: Postgres;
  readonly queues: ItemQueues;
  readonly depth: Depth;
  /** pg-boss's schema, quoted. */
  readonly schema: string;
}

/** One statement carries at most so much: it has to end well within the time-out. */
const maxBatchItems = 500;
const maxBatchBytes = 4 * 1024 * 1024;

/** Stores items: those of one source that arrive together share a statement and a commit. */
export class Acceptor {
  readonly #parts: AcceptorParts;
  readonly #lanes = new Map<string, BatchLane<NewJob, AcceptOutcome>>();

  constructor(parts: AcceptorParts) {
    this.#parts = parts;
  }

  async accept(item: InboxItem): Promise<AcceptOutcome> {
    const { depth } = this.#parts;
    const { stored, bodyBytes } = encodeItem(item);
    const id = eventId(item);
    const job: NewJob = { id: toJobId(item.source, id), stored, bodyBytes, hasEventId: id !== undefined };
    if (!depth.reserve(bodyBytes)) {
      if (job.hasEventId && (await this.#isKnown(item.source, job.id))) return "duplicate";
      throw depth.fullError();
    }
    let outcome: AcceptOutcome | undefined;
    try {
      outcome = await this.#lane(item.source).submit(job, stored.body.length);
      return outcome;
    } finally {
      depth.settleReservation(bodyBytes, outcome === "fresh");
    }
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.idle()));
  }

  #lane(source: SourceKey): BatchLane<NewJob, AcceptOutcome> {
    const name = toQueueName(source);
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      lane = new BatchLane({ run: (jobs) => this.#store(source, jobs), maxItems: maxBatchItems, maxBytes: maxBatchBytes });
      this.#lanes.set(name, lane);
    }
    return lane;
  }

  /** The jobs together; when that fails by their fault, each by itself, so that a poisoned one fails alone. */
  async #store(source: SourceKey, jobs: readonly NewJob[]): Promise<readonly (AcceptOutcome | Error)[]> {
    const queueName = await this.#parts.queues.ensure(source);
    try {
      return await this.#insert(queueName, jobs);
    } catch (error) {
      const isUnreachable = (error as { readonly retryable?: boolean }).retryable === true;
      if (isUnreachable || jobs.length === 1) throw error;
    }
    const outcomes: (AcceptOutcome | Error)[] = [];
    for (const job of jobs) {
      outcomes.push(...(await this.#insert(queueName, [job]).catch((error: unknown) => [error as Error])));
    }
    return outcomes;
  }

  async #insert(queueName: string, jobs: readonly NewJob[]): Promise<readonly AcceptOutcome[]> {
    const { queues, postgres } = this.#parts;
    const first = new Map<string, NewJob>();
    for (const job of jobs) if (!first.has(job.id)) first.set(job.id, job);
    const fresh = await queues.insert(queueName, [...first.values()], toBossDatabase(postgres));
    return jobs.map((job) => (first.get(job.id) === job && fresh.has(job.id) ? "fresh" : "duplicate"));
  }

  async #isKnown(source: SourceKey, id: string): Promise<boolean> {
    const { postgres, schema } = this.#parts;
    const rows = await postgres.query(`SELECT 1 FROM ${schema}.job WHERE name = $1 AND id = $2`, [toQueueName(source), id]);
    return rows.length > 0;
  }
}
