import { closeSync, fsyncSync, openSync } from "node:fs";
import { backup, type DatabaseSync, type StatementSync } from "node:sqlite";
import type { ClaimLimits } from "@statewave-connectors/connector-sdk/inbox";
import type {
  BatchRequest,
  ClaimAnswer,
  Operation,
  Result,
  StatsRow,
  WireError,
  WorkerAnswers,
  WorkerOptions,
} from "./protocol.ts";
import { createPrivately } from "./open-database.ts";
import { schemaVersion } from "./schema.ts";
import { breaksConnection, toWireError } from "./sqlite-errors.ts";
import { ItemTable, RefusedOperation } from "./item-table.ts";
import { Claims } from "./claims.ts";
import { DeadLetters } from "./dead-letters.ts";
import { hashId, SeenIds } from "./seen-ids.ts";
import { SourceTable } from "./source-table.ts";

/** Expired ids forgotten per transaction, at the least; twice what it accepts, if that is more, so that they never pile up. */
const minPurgedIds = 32;

/** Free pages (4 KiB) kept for what comes next: 16 MiB. */
const sparePages = 4_096;
/** Pages given back to the file system at a time: a few milliseconds. */
const shrinkPages = 512;

/** Pages copied at a time: 4 MiB. */
const backupPages = 1_024;

interface BatchOutcome {
  readonly results: readonly Result[];
  /** Why the connection should be opened again. */
  readonly broken: WireError | undefined;
}

/** An operation with the body that came along with it. */
interface Step {
  readonly operation: Operation;
  readonly body: Uint8Array;
}

/** The open inbox file: applies batches, hands out work. */
export class Storage {
  readonly #options: WorkerOptions;
  readonly #database: DatabaseSync;
  readonly #sources: SourceTable;
  readonly #seen: SeenIds;
  readonly #letters: DeadLetters;
  readonly #claims: Claims;
  readonly #items: ItemTable;
  readonly #freePages: StatementSync;
  /** Whether pages and log that hold what was deleted are about to be given back. */
  #wipes = false;

  constructor(database: DatabaseSync, options: WorkerOptions) {
    this.#options = options;
    this.#database = database;
    this.#sources = new SourceTable(database);
    this.#seen = new SeenIds(database, options.dedupWindowMs);
    this.#letters = new DeadLetters(database, this.#sources);
    this.#claims = new Claims(database, this.#sources);
    this.#freePages = database.prepare("PRAGMA freelist_count");
    this.#items = new ItemTable({
      database,
      limits: options,
      sources: this.#sources,
      seen: this.#seen,
      claims: this.#claims,
      letters: this.#letters,
    });
  }

  /** One transaction for the whole batch. When it fails, one for each operation, so that a poisoned one fails alone. */
  apply({ operations, bodies, nowMs }: BatchRequest): BatchOutcome {
    const steps = withBodies(operations, bodies);
    try {
      return { results: this.#commit(steps, nowMs), broken: undefined };
    } catch (error) {
      return breaksConnection(error) ? this.#allFailed(steps, error) : this.#applySingly(steps, nowMs);
    }
  }

  claim(limits: ClaimLimits, nowMs: number): ClaimAnswer {
    return this.#claims.claim(limits, nowMs);
  }

  /**
   * Whether free pages are to be given back: more than are worth keeping, as after a long outage of the sink, or all of them, because they hold
   * what is to leave no trace.
   */
  isSpacious(): boolean {
    return this.#wipes || this.#freeCount() > sparePages;
  }

  /** Gives some of them back; the last step cuts the files. Failing is no harm: the pages stay free for what comes next. */
  shrink(): void {
    try {
      const before = this.#freeCount();
      this.#database.exec(`PRAGMA incremental_vacuum(${shrinkPages})`);
      const left = this.#freeCount();
      if (left > (this.#wipes ? 0 : sparePages) && left < before) return;
      this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      this.#wipes = false;
    } catch (error) {
      if (breaksConnection(error)) throw error;
    }
  }

  /** Ends what `shrink` has begun of a wipe, at the end of a process. */
  finishWipe(): void {
    try {
      for (let before = Number.POSITIVE_INFINITY; this.#wipes && this.#freeCount() < before;) {
        before = this.#freeCount();
        this.shrink();
      }
    } catch (error) {
      if (!breaksConnection(error)) throw error;
    }
  }

  /** Copies the file as it is at one moment, in steps between which batches are applied. */
  async backup(path: string): Promise<void> {
    createPrivately(path);
    await backup(this.#database, path, { rate: backupPages });
    const copy = openSync(path, "r");
    fsyncSync(copy);
    closeSync(copy);
  }

  close(): void {
    this.#database.close();
  }

  #freeCount(): number {
    return Number(this.#freePages.get()?.["freelist_count"]);
  }

  #applySingly(steps: readonly Step[], nowMs: number): BatchOutcome {
    const results: Result[] = [];
    let broken: WireError | undefined;
    for (const step of steps) {
      try {
        results.push(...this.#commit([step], nowMs));
      } catch (error) {
        const wire = toWireError(error, this.#options.path);
        if (breaksConnection(error)) broken = wire;
        results.push({ error: wire });
      }
    }
    return { results, broken };
  }

  #allFailed(steps: readonly Step[], error: unknown): BatchOutcome {
    const broken = toWireError(error, this.#options.path);
    return { results: steps.map(() => ({ error: broken })), broken };
  }

  #commit(steps: readonly Step[], nowMs: number): readonly Result[] {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const results = steps.map((step) => this.#attempt(step, nowMs));
      this.#purge(steps, nowMs);
      this.#sources.save();
      this.#database.exec("COMMIT");
      this.#endSettledClaims(steps);
      return results;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      this.#sources.reload();
      throw error;
    }
  }

  #attempt(step: Step, nowMs: number): Result {
    try {
      return { ok: this.#run(step, nowMs) };
    } catch (error) {
      if (error instanceof RefusedOperation) return { error: error.wire };
      throw error;
    }
  }

  #run({ operation, body }: Step, nowMs: number): unknown {
    switch (operation.type) {
      case "accept":
        return this.#items.accept(operation, body, nowMs);
      case "settle":
        this.#items.settle(operation.key, operation.settlement, nowMs);
        return undefined;
      case "release":
        for (const key of operation.keys) this.#claims.release(key);
        return undefined;
      case "bury":
        return this.#letters.bury(operation, body, nowMs);
      case "listLetters":
        return this.#letters.list(operation);
      case "listQueued":
        return this.#items.list(operation);
      case "getQueued":
        return this.#items.get(operation.key);
      case "countQueued":
        return this.#countQueued();
      case "remembers":
        return this.#seen.has(hashId(operation, operation.id), nowMs);
      case "getLetter":
        return this.#letters.get(operation.key);
      case "retryLetters":
        return this.#letters.retry(operation.keys, nowMs);
      case "discardLetters":
        return this.#letters.discard(operation.keys);
      case "discardQueued":
        this.#wipes = true;
        return this.#items.discard(operation.keys);
      case "stats":
        return this.#stats();
      case "probe":
        // SQLite writes the page of the header even when the value stays the same.
        return this.#database.exec(`PRAGMA user_version = ${schemaVersion}`);
    }
  }

  #purge(steps: readonly Step[], nowMs: number): void {
    const accepted = steps.filter(({ operation }) => operation.type === "accept").length;
    if (accepted > 0) this.#seen.purge(Math.max(minPurgedIds, 2 * accepted), nowMs);
  }

  #endSettledClaims(steps: readonly Step[]): void {
    for (const { operation } of steps) if (operation.type === "settle") this.#claims.drop(operation.key);
  }

  #countQueued(): WorkerAnswers["countQueued"] {
    const waiting = this.#sources.rows.filter(({ depth }) => depth > 0);
    return waiting.map(({ kind, name, depth: count }) => ({ kind, name, count }));
  }

  #stats(): StatsRow {
    return {
      depth: this.#sources.depth,
      bytes: this.#sources.bytes,
      oldestAcceptedAtMs: this.#items.oldestAcceptedAtMs(),
      deadLetters: this.#sources.rows.map(({ kind, name, deadOthers, deadEpisodes, deadItems }) => ({
        kind,
        name,
        events: deadOthers - deadItems,
        episodes: deadEpisodes,
        items: deadItems,
      })),
    };
  }
}

function withBodies(operations: readonly Operation[], bodies: Uint8Array): readonly Step[] {
  let offset = 0;
  return operations.map((operation) => {
    const length = operation.type === "accept" || operation.type === "bury" ? operation.bodyBytes : 0;
    const body = bodies.subarray(offset, offset + length);
    offset += length;
    return { operation, body };
  });
}
