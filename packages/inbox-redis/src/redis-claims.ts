import type { Clock } from "@statewave-connectors/connector-sdk";
import type { Claim, ClaimBatch, ClaimQueue, ClaimLimits, Settlement } from "@statewave-connectors/connector-sdk/inbox";
import { type RedisScripts, toRedisError } from "@statewave-connectors/redis-client";
import type { Admission } from "./admission.ts";
import type { DeadLetters } from "./dead-letters.ts";
import { decodeItem } from "./encode-item.ts";
import type { KnownSources } from "./known-sources.ts";
import type { PendingItems } from "./pending-items.ts";
import { planClaims, type ReadySource } from "./plan-claims.ts";
import { peekScript } from "./scripts.ts";
import { type ItemJob, lockMs, type SourceQueues } from "./source-queues.ts";

export interface RedisClaimsOptions {
  readonly queues: SourceQueues;
  readonly sources: KnownSources;
  readonly pending: PendingItems;
  readonly letters: DeadLetters;
  readonly admission: Admission;
  readonly scripts: RedisScripts;
  readonly clock: Clock;
  /** What this process's locks hold. */
  readonly token: string;
}

interface HeldJob {
  /** The id of the job, and the key of its claim. */
  readonly key: string;
  readonly job: ItemJob;
  readonly source: string;
  readonly bytes: number;
  /** Its lock may be gone because its settlement is being stored. */
  isSettling: boolean;
}

/** What BullMQ answers about a job that is no longer ours: gone, without a lock, not active, locked by another. */
const lostClaimCodes = new Set([-1, -2, -3, -6]);

/** The queues as the consumer sees them. A claim is an active job with this process's token in its lock. */
export class RedisClaims implements ClaimQueue {
  readonly #options: RedisClaimsOptions;
  readonly #held = new Map<string, HeldJob>();
  #limits: ClaimLimits = { maxItemsPerSource: 0, maxBytes: 0 };
  #first: string | undefined;

  constructor(options: RedisClaimsOptions) {
    this.#options = options;
  }

  /** Sources of which more could be claimed. */
  get sourcesWithRoom(): readonly string[] {
    return this.#options.sources.all.filter((source) => this.#roomOf(source) > 0);
  }

  async claim(limits: ClaimLimits): Promise<ClaimBatch> {
    this.#limits = limits;
    const { ready, nextReadyAtMs } = await this.#peek();
    const heldBytes = this.#sum(({ bytes }) => bytes);
    const room = { claimedItems: this.#held.size, roomBytes: limits.maxBytes - heldBytes, first: this.#first };
    const { counts, next } = planClaims(ready, room);
    this.#first = next;
    const fetches = Array.from(counts, ([source, count]) => Array.from({ length: count }, () => this.#fetch(source))).flat();
    const outcomes = await Promise.allSettled(fetches);
    const failure = outcomes.find((outcome) => outcome.status === "rejected");
    const claims = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? (outcome.value ?? []) : []));
    if (failure !== undefined && claims.length === 0) throw toRedisError("INBOX", failure.reason);
    return { claims, more: failure !== undefined, ...(nextReadyAtMs === undefined ? {} : { nextReadyAtMs }) };
  }

  async settle(claim: Claim, settlement: Settlement): Promise<void> {
    const held = this.#held.get(claim.key);
    if (held === undefined) return;
    held.isSettling = true;
    try {
      if (settlement.type === "retry") await this.#delay(held, settlement.afterMs);
      else if (settlement.type === "done" || (await this.#bury(held, settlement.reason))) await this.#complete(held);
    } catch (error) {
      held.isSettling = false;
      if (!isLostClaim(error)) throw toRedisError("INBOX", error);
    }
    this.#held.delete(claim.key);
  }

  async release(claims: readonly Claim[]): Promise<void> {
    await this.giveBack(claims.map(({ key }) => key));
  }

  /** Gives jobs back as they were: all of them, or those of the keys. */
  async giveBack(keys: readonly string[] = [...this.#held.keys()]): Promise<void> {
    const { token } = this.#options;
    const outcomes = await Promise.allSettled(
      keys.map(async (key) => {
        const held = this.#held.get(key);
        this.#held.delete(key);
        await held?.job.moveToWait(token);
      }),
    );
    const failure = outcomes.find((outcome) => outcome.status === "rejected" && !isLostClaim(outcome.reason));
    if (failure?.status === "rejected") throw toRedisError("INBOX", failure.reason);
  }

  /** Renews the locks; answers the keys of the claims that are lost, and forgets them. */
  async renewLocks(): Promise<readonly string[]> {
    const { queues, token } = this.#options;
    const bySource = Map.groupBy(this.#held.values(), ({ source }) => source);
    const refused = await Promise.all(
      Array.from(bySource, ([source, jobs]) =>
        queues.get(source).worker.extendJobLocks(
          jobs.map(({ key }) => key),
          jobs.map(() => token),
          lockMs,
        ),
      ),
    );
    const lost = refused.flat().filter((key) => this.#held.get(key)?.isSettling === false);
    for (const key of lost) this.#held.delete(key);
    return lost;
  }

  /** Puts the jobs of dead processes back into their queues. */
  async rescueStalled(): Promise<void> {
    const { queues, sources } = this.#options;
    await Promise.all(sources.all.map((source) => queues.get(source).worker.getBackend().moveStalledJobsToWait()));
  }

  async #peek(): Promise<{ readonly ready: readonly ReadySource[]; readonly nextReadyAtMs: number | undefined }> {
    const { scripts, queues, clock } = this.#options;
    const sources = this.sourcesWithRoom;
    if (sources.length === 0) return { ready: [], nextReadyAtMs: undefined };
    const args = sources.flatMap((source) => [source, this.#roomOf(source)]);
    type Reply = readonly (readonly [sizes: readonly number[], nextAtMs: number | null])[];
    const replies = await scripts.run<Reply>(peekScript, [queues.jobKeyPrefix, clock.now(), ...args]);
    const times = replies.flatMap(([, nextAtMs]) => nextAtMs ?? []);
    return {
      ready: sources.flatMap((source, index) => {
        const [sizes] = replies[index] ?? [];
        return sizes === undefined ? [] : [{ source, sizes }];
      }),
      nextReadyAtMs: times.length === 0 ? undefined : Math.min(...times),
    };
  }

  async #fetch(source: string): Promise<Claim | undefined> {
    const job = await this.#options.queues.get(source).worker.getNextJob(this.#options.token, { block: false });
    // Another process was quicker.
    if (job?.id === undefined) return undefined;
    // Before it is held: a job that cannot be decoded takes no room, and returns to its queue when its lock expires.
    const item = decodeItem(source, job.data);
    this.#held.set(job.id, { key: job.id, job, source, bytes: Number(job.name), isSettling: false });
    return { key: job.id, attempt: job.attemptsMade, item };
  }

  /** Counts as an attempt, which BullMQ's `job.moveToDelayed` leaves out. */
  async #delay({ key, source }: HeldJob, afterMs: number): Promise<void> {
    const { queues, clock, token } = this.#options;
    const backend = queues.get(source).worker.getBackend();
    await backend.moveToDelayed(key, clock.now(), afterMs, token, { skipAttempt: false });
  }

  async #bury({ key, job, source }: HeldJob, reason: string): Promise<boolean> {
    const { letters, queues, token } = this.#options;
    const lockKey = `${queues.jobKey(source, key)}:lock`;
    return letters.buryClaimed({ source, jobId: key, stored: job.data, reason, lockKey, token });
  }

  async #complete({ key, job, source, bytes }: HeldJob): Promise<void> {
    try {
      await job.moveToCompleted(null, this.#options.token, false);
    } catch (error) {
      if (!isLostClaim(error)) throw error;
    }
    // Also when it was gone already: the answer to an earlier try may have been lost.
    this.#options.admission.update(await this.#options.pending.strike({ source, jobId: key, bytes }));
  }

  #roomOf(source: string): number {
    return this.#limits.maxItemsPerSource - this.#sum((held) => (held.source === source ? 1 : 0));
  }

  #sum(of: (held: HeldJob) => number): number {
    let sum = 0;
    for (const held of this.#held.values()) sum += of(held);
    return sum;
  }
}

function isLostClaim(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "number" && lostClaimCodes.has(error.code);
}
