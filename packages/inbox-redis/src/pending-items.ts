import type { RedisScripts } from "@statewave-connectors/redis-client";
import { countScript, statsScript, sweepScript } from "./scripts.ts";
import type { SourceQueues } from "./source-queues.ts";

/** How much waits or is claimed. */
export interface Figures {
  readonly depth: number;
  readonly bytes: number;
}

/** What the statistics are made from. */
export interface Stats extends Figures {
  readonly oldestAcceptedAtMs: number | undefined;
  /** `kind/name type`, and how many. */
  readonly letterCounts: readonly (readonly [of: string, count: number])[];
}

/** An item as the index holds it. */
export interface PendingItem {
  readonly source: string;
  readonly jobId: string;
  readonly bytes: number;
}

/** Younger ones may belong to a job that is being stored or settled this very moment. */
const sweepAgeMs = 60_000;
const sweepStep = 500;

/**
 * The index of what waits: BullMQ counts jobs, but not bytes. An item is entered after its job and struck out after its job's end. A
 * process that dies between the two writes leaves an item uncounted, or counted until the next sweep.
 */
export class PendingItems {
  readonly #scripts: RedisScripts;
  readonly #queues: SourceQueues;
  #gathered: (string | number)[] = [];
  #sending: Promise<Figures> | undefined;
  #lastDepth = 0;

  constructor(scripts: RedisScripts, queues: SourceQueues) {
    this.#scripts = scripts;
    this.#queues = queues;
  }

  /** How many items waited or were claimed when this process last changed or read the index. */
  get lastDepth(): number {
    return this.#lastDepth;
  }

  enter(item: PendingItem): Promise<Figures> {
    return this.#gather("in", item);
  }

  strike(item: PendingItem): Promise<Figures> {
    return this.#gather("out", item);
  }

  /** After what is gathered: a caller that has the answer to an accept finds it in the index. */
  async flushed(): Promise<void> {
    await this.#sending?.catch(() => undefined);
  }

  async stats(): Promise<Stats> {
    await this.flushed();
    type Reply = readonly [depth: number, bytes: number, oldest: string | null, counts: readonly string[]];
    const [depth, bytes, oldest, counts] = await this.#scripts.run<Reply>(statsScript, []);
    const letterCounts = Array.from(
      { length: counts.length / 2 },
      (_, index) => [counts[2 * index] ?? "", Number(counts[2 * index + 1])] as const,
    );
    this.#lastDepth = depth;
    return { depth, bytes, oldestAcceptedAtMs: oldest === null ? undefined : Number(oldest), letterCounts };
  }

  /** Strikes out what is counted and no longer there; answers how many there were. */
  async sweep(ageMs = sweepAgeMs): Promise<number> {
    let total = 0;
    for (let start = 0; ;) {
      const args = [this.#queues.jobKeyPrefix, ageMs, start, sweepStep];
      const [seen, forgotten] = await this.#scripts.run<readonly [number, number]>(sweepScript, args);
      total += forgotten;
      if (seen < sweepStep) return total;
      start += seen - forgotten;
    }
  }

  /** What comes in one turn of the event loop goes in one script. */
  #gather(change: "in" | "out", { source, jobId, bytes }: PendingItem): Promise<Figures> {
    this.#gathered.push(change, this.#queues.jobKey(source, jobId), `${source}|${jobId}|${bytes}`, bytes);
    this.#sending ??= new Promise((resolve) => setImmediate(resolve)).then(() => this.#send());
    return this.#sending;
  }

  async #send(): Promise<Figures> {
    const args = this.#gathered;
    this.#gathered = [];
    this.#sending = undefined;
    const [depth, bytes] = await this.#scripts.run<readonly [number, number]>(countScript, args);
    this.#lastDepth = depth;
    return { depth, bytes };
  }
}
