import type { Clock } from "../contract/clock.ts";
import { SlidingWindow } from "./sliding-window.ts";

/** At most `requests` in any interval of `intervalMs`. */
export interface RateLimit {
  /** Or units, where requests have a `cost`. */
  readonly requests: number;
  readonly intervalMs: number;
  /** What to do about a limit that is low, for the error. */
  readonly hint?: string;
}

/** What a request needs of the budget. */
export interface BudgetRequest {
  /** The client: clients take turns. */
  readonly owner: object;
  /** The run: a limit ends it, and a later run of the same owner may try again. */
  readonly signal: AbortSignal;
  readonly lane: string | undefined;
  readonly limit: RateLimit | undefined;
  readonly laneLimit: RateLimit | undefined;
  /** How much of the limits it takes. */
  readonly cost: number;
  readonly concurrency: number;
  /** A longer wait is refused. */
  readonly patienceMs: number;
}

/** A place in flight. */
export interface Permit {
  readonly startedMs: number;
  /** Gives the place back; calling it twice does nothing. */
  release(): void;
}

/** Why a request may not begin within its patience. */
export class BudgetRefusal extends Error {
  readonly retryAtMs: number;
  readonly hint: string | undefined;
  /** The limit was met by another client, which comes back at the same time. */
  readonly isShared: boolean;
  /** The declared limit that is used up; undefined when the provider named a time. */
  readonly limit: RateLimit | undefined;

  constructor({ readyMs, limit, isShared }: Wait) {
    super("the rate budget is used up");
    this.retryAtMs = readyMs;
    this.limit = limit;
    this.hint = limit?.hint;
    this.isShared = isShared;
  }
}

interface Wait {
  /** Epoch milliseconds. */
  readonly readyMs: number;
  readonly limit: RateLimit | undefined;
  readonly isShared: boolean;
}

interface Waiter extends BudgetRequest {
  readonly resolve: (permit: Permit) => void;
  readonly reject: (reason: unknown) => void;
  readonly stopListening: () => void;
}

/** The provider wants a pause. */
interface Pause {
  readonly fromMs: number;
  readonly durationMs: number;
  readonly owner: object;
  readonly signal: WeakRef<AbortSignal>;
  /** A later run of the owner is trying whether the pause is over. */
  isProbed: boolean;
}

const everyLane = "";
/** No documented limit lasts longer; one hostile answer must not park every entry with the same credentials for a day. */
const longestPauseMs = 3_600_000 + 5_000;
/** A connector that makes lanes of foreign words must not fill the memory. */
const maxLanes = 1_000;

/**
 * What one provider allows one account, shared by all clients of a process that use it: requests in flight, requests in an interval, and the
 * pauses that the provider requests. Requests of several clients take turns. A pause ends early when a request that began in it succeeds.
 */
export class RateBudget {
  readonly #clock: Clock;
  readonly #queues = new Map<object, Waiter[]>();
  readonly #windows = new Map<string, SlidingWindow>();
  readonly #pauses = new Map<string, Pause>();
  readonly #learned = new Map<string, { readonly limit: RateLimit; readonly fromMs: number; readonly forMs: number }>();
  #inFlight = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits for a place. Throws a {@link BudgetRefusal} when that takes longer than the patience, or the reason of the abort. */
  async acquire(request: BudgetRequest): Promise<Permit> {
    request.signal.throwIfAborted();
    const nowMs = this.#clock.now();
    if (this.#queues.size === 0 && this.#mayStart(request, nowMs)) return this.#start(request, nowMs);
    const { promise, resolve, reject } = Promise.withResolvers<Permit>();
    const onAbort = () => {
      this.#leave(waiter);
      reject(request.signal.reason);
      this.#pump();
    };
    const stopListening = () => request.signal.removeEventListener("abort", onAbort);
    const waiter: Waiter = { ...request, resolve, reject, stopListening };
    request.signal.addEventListener("abort", onAbort, { once: true });
    const queue = this.#queues.get(request.owner);
    if (queue === undefined) this.#queues.set(request.owner, [waiter]);
    else queue.push(waiter);
    this.#pump();
    return await promise;
  }

  /** The provider wants no request of the lane, or of every lane, for so long. */
  pause(lane: string | undefined, waitMs: number, { owner, signal }: Pick<BudgetRequest, "owner" | "signal">): void {
    const durationMs = Math.min(waitMs, longestPauseMs);
    const fromMs = this.#clock.now();
    bounded(this.#pauses).set(lane ?? everyLane, { fromMs, durationMs, owner, signal: new WeakRef(signal), isProbed: false });
    this.#pump();
  }

  /** A request that began at `startedMs` succeeded: a pause from before is over. */
  succeeded(lane: string | undefined, startedMs: number): void {
    for (const key of keysOf(lane)) {
      const pause = this.#pauses.get(key);
      if (pause !== undefined && pause.fromMs <= startedMs && pause.isProbed) this.#pauses.delete(key);
    }
    this.#pump();
  }

  /** A limit that was found out: it holds for so long, besides the declared ones. Undefined: it holds no longer. */
  learn(lane: string, limit: RateLimit | undefined, forMs: number): void {
    if (limit === undefined) this.#learned.delete(lane);
    else bounded(this.#learned).set(lane, { limit, fromMs: this.#clock.now(), forMs });
    this.#pump();
  }

  /** Starts what may start, refuses what would wait too long, and sets the timer for the rest. */
  #pump(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#queues.size === 0) return;
    const nowMs = this.#clock.now();
    while (this.#startNext(nowMs));
    let earliestMs = Number.POSITIVE_INFINITY;
    for (const waiter of this.#inTurn()) {
      const wait = this.#waitOf(waiter, nowMs);
      if (wait.readyMs - nowMs > waiter.patienceMs) {
        this.#leave(waiter);
        waiter.reject(new BudgetRefusal(wait));
      } else if (wait.readyMs > nowMs) earliestMs = Math.min(earliestMs, wait.readyMs);
    }
    if (earliestMs < Number.POSITIVE_INFINITY) this.#cancelTimer = this.#clock.after(earliestMs - nowMs, () => this.#pump());
  }

  #inTurn(): readonly Waiter[] {
    return [...this.#queues.values()].flat();
  }

  #startNext(nowMs: number): boolean {
    const next = this.#inTurn().find((waiter) => this.#mayStart(waiter, nowMs));
    if (next === undefined) return false;
    this.#leave(next);
    next.resolve(this.#start(next, nowMs));
    // Its owner's other requests go behind those of everyone else.
    const queue = this.#queues.get(next.owner);
    if (queue !== undefined && this.#queues.delete(next.owner)) this.#queues.set(next.owner, queue);
    return true;
  }

  #mayStart(request: BudgetRequest, nowMs: number): boolean {
    return this.#inFlight < request.concurrency && this.#waitOf(request, nowMs).readyMs <= nowMs;
  }

  #start(request: BudgetRequest, nowMs: number): Permit {
    this.#inFlight += 1;
    const probed: Pause[] = [];
    for (const key of keysOf(request.lane)) {
      const window = this.#windows.get(key) ?? new SlidingWindow();
      bounded(this.#windows).set(key, window);
      const limits = [request.limit, request.laneLimit, this.#learnedLimit(key, nowMs)];
      window.record(nowMs, Math.max(1, ...limits.map((limit) => limit?.requests ?? 1)), request.cost);
      const pause = this.#pauses.get(key);
      if (pause === undefined) continue;
      pause.isProbed = true;
      probed.push(pause);
    }
    let isHeld = true;
    const release = () => {
      if (!isHeld) return;
      isHeld = false;
      this.#inFlight -= 1;
      // A probe that found nothing out leaves room for the next one.
      for (const pause of probed) pause.isProbed = false;
      this.#pump();
    };
    return { startedMs: nowMs, release };
  }

  #leave(waiter: Waiter): void {
    waiter.stopListening();
    const queue = this.#queues.get(waiter.owner);
    const at = queue?.indexOf(waiter) ?? -1;
    if (queue === undefined || at === -1) return;
    queue.splice(at, 1);
    if (queue.length === 0) this.#queues.delete(waiter.owner);
  }

  /** The longest of all waits. */
  #waitOf(request: BudgetRequest, nowMs: number): Wait {
    const waits = keysOf(request.lane).flatMap((key) => {
      const declared = key === everyLane ? request.limit : request.laneLimit;
      const window = this.#windows.get(key);
      const limits = [declared, this.#learnedLimit(key, nowMs)].filter((limit) => limit !== undefined);
      const windows = limits.map((limit) => ({
        readyMs: window?.readyMs(limit, nowMs, request.cost) ?? nowMs,
        limit,
        isShared: false,
      }));
      return [...windows, this.#pauseOf(key, request, nowMs)];
    });
    return waits.reduce((longest, wait) => (wait.readyMs > longest.readyMs ? wait : longest));
  }

  #learnedLimit(key: string, nowMs: number): RateLimit | undefined {
    const learned = this.#learned.get(key);
    if (learned === undefined) return undefined;
    if (Math.abs(nowMs - learned.fromMs) < learned.forMs) return learned.limit;
    this.#learned.delete(key);
    return undefined;
  }

  #pauseOf(key: string, { owner, signal }: BudgetRequest, nowMs: number): Wait {
    const none: Wait = { readyMs: nowMs, limit: undefined, isShared: false };
    const pause = this.#pauses.get(key);
    if (pause === undefined) return none;
    // A clock that was set back must not make it longer.
    const remainingMs = Math.min(pause.fromMs + pause.durationMs - nowMs, pause.durationMs);
    if (remainingMs <= 0) {
      this.#pauses.delete(key);
      return none;
    }
    const isOwner = pause.owner === owner;
    // A run that starts before its time has a reason, such as a person at the command line: one request finds out.
    if (isOwner && pause.signal.deref() !== signal && !pause.isProbed) return none;
    return { readyMs: nowMs + remainingMs, limit: undefined, isShared: !isOwner };
  }
}

function keysOf(lane: string | undefined): readonly string[] {
  return lane === undefined ? [everyLane] : [everyLane, lane];
}

function bounded<Value>(map: Map<string, Value>): Map<string, Value> {
  if (map.size >= maxLanes) for (const key of [...map.keys()].slice(0, maxLanes / 2)) if (key !== everyLane) map.delete(key);
  return map;
}
