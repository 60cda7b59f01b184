import type { ClaimedItem, ConsumeOptions, InboxConsumer, InboxHandler, InboxItem, Settlement } from "./inbox.ts";
import { type Clock, sleep } from "../contract/clock.ts";
import type { Logger } from "../contract/logger.ts";

/** An item that an engine handed out. */
export interface Claim {
  readonly key: string;
  readonly item: InboxItem;
  readonly attempt: number;
}

/** What an engine answers to a request for work. */
export interface ClaimBatch {
  readonly claims: readonly Claim[];
  /** More is ready than fits one answer: request again at once. */
  readonly more: boolean;
  /** When the next item that waits for its time is ready, on the clock. Absent: none waits. */
  readonly nextReadyAtMs?: number;
}

/** How much may be claimed and unsettled at a time. */
export type ClaimLimits = Required<Omit<ConsumeOptions, "claimIntervalMs">>;

/** What a {@link ConsumerLoop} needs from the engine behind an inbox. */
export interface ClaimQueue {
  /** Hands out what is ready now. `limits` count everything claimed and unsettled, earlier answers included. */
  claim(limits: ClaimLimits): Promise<ClaimBatch>;
  /** Resolves once the settlement is stored. A claim that was lost meanwhile is passed over. */
  settle(claim: Claim, settlement: Settlement): Promise<void>;
  /** Gives claims back as they were. */
  release(claims: readonly Claim[]): Promise<void>;
}

export interface ConsumerLoopOptions {
  readonly queue: ClaimQueue;
  readonly handler: InboxHandler;
  readonly limits?: ConsumeOptions;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long an item waits whose handler threw: a defect, so there is no better guess. */
const retryAfterThrowMs = 60_000;
/** Between two tries when the engine itself fails. */
const engineRetryMs = 1_000;
const shortestWaitMs = 1;
/** Ten years; also keeps every stored time a safe integer. */
const longestRetryMs = 10 * 365 * 24 * 60 * 60_000;

/**
 * The consumer that every inbox shares: when to request work from the engine, one handler call per claim, pause, resume, stop. It requests when
 * it starts, on `wake`, when a settlement frees room and when the next waiting item's time has come; it never polls.
 */
export class ConsumerLoop implements InboxConsumer {
  readonly #options: ConsumerLoopOptions;
  readonly #limits: ClaimLimits;
  readonly #claimIntervalMs: number;
  readonly #running = new Map<Claim, AbortController>();
  /** Those whose settlement is being stored. */
  readonly #settling = new Set<Claim>();
  readonly #ended = Promise.withResolvers<void>();
  #state: "running" | "paused" | "stopping" | "ended" = "running";
  #isRequesting = false;
  #requestAgain = false;
  #retriedOverdue = false;
  /** Releases in flight: `giveBack` and `stop` may overlap. */
  #releases = 0;
  #cancelTimer: () => void = () => undefined;
  #nextClaimAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: ConsumerLoopOptions) {
    this.#options = options;
    this.#limits = {
      maxItemsPerSource: options.limits?.maxItemsPerSource ?? 50,
      maxBytes: options.limits?.maxBytes ?? 16 * 1024 * 1024,
    };
    this.#claimIntervalMs = options.limits?.claimIntervalMs ?? 0;
    this.wake();
  }

  /** Whether it has stopped for good, so that another consumer may start. */
  get ended(): boolean {
    return this.#state === "ended";
  }

  /** Something may be ready: a fresh item, a letter put back. */
  wake(): void {
    if (this.#state !== "running") return;
    this.#requestAgain = true;
    if (!this.#isRequesting) void this.#requestWork();
  }

  pause(): void {
    if (this.#state !== "running") return;
    this.#state = "paused";
    this.#cancelTimer();
  }

  resume(): void {
    if (this.#state !== "paused") return;
    this.#state = "running";
    this.wake();
  }

  /**
   * What `InboxConsumer.release` of a shared inbox calls. Gives back what is claimed and not being settled, without counting an attempt,
   * and aborts its signals; resolves with the number. Pause it before, or it claims the same again.
   */
  async giveBack(): Promise<number> {
    const claims = [...this.#running.keys()].filter((claim) => !this.#settling.has(claim));
    await this.#release(claims, new DOMException("the claim was given back", "AbortError"));
    return claims.length;
  }

  stop(signal: AbortSignal): Promise<void> {
    if (this.#state !== "ended") {
      this.#state = "stopping";
      this.#cancelTimer();
      const giveBack = () =>
        void this.#release([...this.#running.keys()], new DOMException("the consumer was stopped", "AbortError"));
      if (signal.aborted) giveBack();
      else signal.addEventListener("abort", giveBack, { once: true });
      this.#endWhenIdle();
    }
    return this.#ended.promise;
  }

  /** The engine has forgotten every claim, or those of `keys`: aborts their signals; whatever they settle is ignored. Then requests work again. */
  loseClaims(reason: unknown, keys?: ReadonlySet<string>): void {
    this.#abortAll(reason, keys);
    this.#endWhenIdle();
    this.wake();
  }

  /**
   * Ends at once and sends the engine nothing: it is closing. Resolves when no request for work is in flight any more: what it was just
   * handing out has then been given back.
   */
  abandon(reason: unknown): Promise<void> {
    if (this.#state !== "ended") this.#state = "stopping";
    this.#cancelTimer();
    this.loseClaims(reason);
    return this.#ended.promise;
  }

  async #requestWork(): Promise<void> {
    this.#isRequesting = true;
    while (this.#requestAgain && this.#state === "running") {
      const nowMs = this.#options.clock.now();
      const pauseMs = this.#nextClaimAtMs - nowMs;
      // Longer than the interval: the clock was set back, so the pause means nothing.
      if (pauseMs > 0 && pauseMs <= this.#claimIntervalMs) {
        this.#wakeAfter(pauseMs);
        break;
      }
      this.#nextClaimAtMs = nowMs + this.#claimIntervalMs;
      this.#requestAgain = false;
      this.#cancelTimer();
      await this.#claimOnce();
    }
    this.#isRequesting = false;
    this.#endWhenIdle();
  }

  async #claimOnce(): Promise<void> {
    const { queue, logger } = this.#options;
    try {
      const batch = await queue.claim(this.#limits);
      if (this.#state === "running") {
        for (const claim of batch.claims) void this.#run(claim);
        if (batch.more) this.#requestAgain = true;
        if (batch.nextReadyAtMs !== undefined) this.#waitFor(batch.nextReadyAtMs);
      } else if (batch.claims.length > 0) {
        // Paused or stopped while the engine was answering: nothing reaches the handler any more.
        await queue.release(batch.claims);
      }
    } catch (error) {
      if (this.#state !== "running") return;
      logger.warn("the inbox could not hand out work; requesting it again", { error, next_attempt_in_ms: engineRetryMs });
      this.#wakeAfter(engineRetryMs);
    }
  }

  #waitFor(readyAtMs: number): void {
    const delayMs = readyAtMs - this.#options.clock.now();
    const isOverdue = delayMs <= 0;
    // The time went by while the engine answered. Requested again at once, but not over and over, should the engine's clock be behind.
    if (isOverdue && !this.#retriedOverdue) this.#requestAgain = true;
    else this.#wakeAfter(Math.max(shortestWaitMs, delayMs));
    this.#retriedOverdue = isOverdue;
  }

  #wakeAfter(delayMs: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(delayMs, () => this.wake());
  }

  async #run(claim: Claim): Promise<void> {
    const controller = new AbortController();
    this.#running.set(claim, controller);
    const settlement = await this.#handle({ ...claim, signal: controller.signal });
    this.#settling.add(claim);
    const stored = this.#settle(claim, settlement, controller.signal);
    // Requested in the same turn, so that an engine may commit the settlement and fill the freed room in one go.
    this.wake();
    await stored;
    this.#settling.delete(claim);
    this.#running.delete(claim);
    this.wake();
    this.#endWhenIdle();
  }

  async #handle(claimed: ClaimedItem): Promise<Settlement> {
    try {
      return toStorable(await this.#options.handler(claimed));
    } catch (error) {
      if (!claimed.signal.aborted) this.#options.logger.error("an inbox handler threw; its item is tried again", { error });
      return { type: "retry", afterMs: retryAfterThrowMs };
    }
  }

  async #settle(claim: Claim, settlement: Settlement, signal: AbortSignal): Promise<void> {
    const { queue, clock, logger } = this.#options;
    while (!signal.aborted) {
      try {
        await queue.settle(claim, settlement);
        return;
      } catch (error) {
        if (signal.aborted) return;
        logger.warn("a settlement could not be stored; trying again", {
          key: claim.key,
          error,
          next_attempt_in_ms: engineRetryMs,
        });
        await sleep(clock, engineRetryMs, signal).catch(() => undefined);
      }
    }
  }

  async #release(claims: readonly Claim[], reason: unknown): Promise<void> {
    if (claims.length === 0) return;
    this.#releases += 1;
    this.#abortAll(reason, new Set(claims.map(({ key }) => key)));
    try {
      await this.#options.queue.release(claims);
    } catch (error) {
      this.#options.logger.warn("claims could not be given back; they return when the inbox is opened again", { error });
    } finally {
      this.#releases -= 1;
    }
    this.#endWhenIdle();
  }

  #abortAll(reason: unknown, keys?: ReadonlySet<string>): void {
    const lost = [...this.#running].filter(([claim]) => keys?.has(claim.key) ?? true);
    for (const [claim] of lost) this.#running.delete(claim);
    for (const [, controller] of lost) controller.abort(reason);
  }

  #endWhenIdle(): void {
    if (this.#state !== "stopping" || this.#isRequesting || this.#releases > 0 || this.#running.size > 0) return;
    this.#state = "ended";
    this.#ended.resolve();
  }
}

/** A settlement that any engine can store. What is none counts as thrown: a handler may be plain JavaScript. */
function toStorable(answer: unknown): Settlement {
  const { type, reason, afterMs } = (answer ?? {}) as Readonly<Record<string, unknown>>;
  if (type === "done") return { type };
  if (type === "dead" && typeof reason === "string") return { type, reason };
  if (type === "retry" && typeof afterMs === "number" && !Number.isNaN(afterMs)) {
    return { type, afterMs: Math.min(longestRetryMs, Math.max(0, Math.ceil(afterMs))) };
  }
  throw new TypeError(`a handler answered ${JSON.stringify(answer)}, which is no settlement`);
}
