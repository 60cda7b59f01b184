import { type Clock, isConnectorsError, type Logger } from "@statewave-connectors/connector-sdk";
import { within } from "../../deadline/within.ts";
import { steadyNow } from "../../steady-now.ts";

/** A store as logs and metrics name it. */
export type StoreRole = "cursor_store" | "inbox";

/** `unreachable`: reading fails too. `unwritable`: it answers, but what is written does not get through. */
export type WriteStatus = "ok" | "unreachable" | "unwritable";

export interface WriteHealthOptions {
  readonly store: StoreRole;
  /** Reads anything from the store. */
  readonly read: () => Promise<unknown>;
  /** Writes something that leaves no trace; resolves with whether anything was written. Absent: only real writes show it. */
  readonly probe?: (() => Promise<boolean>) | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What may be shown of what the store threw. */
  readonly describe: (error: unknown) => string;
}

/** So many failed writes in a row need no probe to confirm them. */
const failuresInARow = 3;
/** How often a store that fails is looked at, and how long no write may have failed before it is trusted again. */
const lookEveryMs = 5_000;
/** A store that was written to since then needs no probe. */
const idleMs = 30_000;
/** Stores have shorter deadlines of their own. */
const answerWithinMs = 15_000;
const reminderMs = 60 * 60_000;

/** Codes of errors that do not show whether the store can be written to. */
const unrelatedCodes = /_(FULL|CLOSED|INVALID|TOO_LARGE|UNSTORABLE|LEASE_LOST|CURSOR_EDITED|IN_USE|CONSUMER_RUNNING)$/;

/** Whether an error is about the request to a store, and not about the store. */
export function saysNothingOfTheStore(error: unknown): boolean {
  return isConnectorsError(error) && unrelatedCodes.test(error.code);
}

interface WriteTrouble {
  readonly status: Exclude<WriteStatus, "ok">;
  readonly sinceMs: number;
  /** Writes that failed since then. */
  readonly failures: number;
  readonly reason: string;
  /** Steady, as durations are. */
  readonly remindAtMs: number;
}

/**
 * Whether one store can be written to, by its last writes. A full disk, a read-only database or a Redis out of memory still answers
 * every read. Without writes, a probe shows that it has recovered; an idle store is probed when readiness is requested.
 */
export class WriteHealth {
  readonly #options: WriteHealthOptions;
  #trouble: WriteTrouble | undefined;
  #failures = 0;
  #failedAtMs = Number.NEGATIVE_INFINITY;
  #wroteAtMs: number;
  #looking = false;
  #cancelLook: (() => void) | undefined;
  #stopped = false;

  constructor(options: WriteHealthOptions) {
    this.#options = options;
    // It was opened just now, which all stores do by writing.
    this.#wroteAtMs = steadyNow(options.clock);
  }

  get role(): StoreRole {
    return this.#options.store;
  }

  get status(): WriteStatus {
    return this.#trouble?.status ?? "ok";
  }

  /** One sentence without secrets; undefined while it can be written to. */
  get reason(): string | undefined {
    return this.#trouble?.reason;
  }

  /** Something was stored. */
  wrote(): void {
    this.#failures = 0;
    this.#wroteAtMs = steadyNow(this.#options.clock);
    if (this.#trouble !== undefined) this.#recover();
  }

  /** A write threw. */
  failed(error: unknown): void {
    if (this.#stopped || saysNothingOfTheStore(error)) return;
    this.#failures += 1;
    this.#failedAtMs = steadyNow(this.#options.clock);
    if (this.#trouble !== undefined) this.#trouble = { ...this.#trouble, failures: this.#trouble.failures + 1 };
    else void this.#look(error);
  }

  /** Call when readiness is requested: probes a store that was idle, and the next request shows the result. */
  refresh(): void {
    const { clock, probe } = this.#options;
    if (probe !== undefined && steadyNow(clock) - this.#wroteAtMs >= idleMs && this.#trouble === undefined)
      void this.#look(undefined);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelLook?.();
  }

  /** Reads and writes, once at a time, and draws the conclusion. `failure`: what a real write threw. */
  async #look(failure: unknown): Promise<void> {
    if (this.#looking || this.#stopped) return;
    this.#looking = true;
    const { read, probe = writesNothing } = this.#options;
    const reading = await this.#attempt(read);
    const writing = "error" in reading ? reading : await this.#attempt(probe);
    this.#looking = false;
    if (this.#stopped) return;
    if ("error" in reading) this.#conclude("unreachable", reading.error);
    else if ("error" in writing) this.#conclude("unwritable", writing.error);
    else if (writing.result) this.#probed();
    if (failure !== undefined && this.#failures >= failuresInARow) this.#conclude("unwritable", failure);
    if (this.#trouble !== undefined) this.#lookLater();
  }

  #probed(): void {
    this.#wroteAtMs = steadyNow(this.#options.clock);
    this.#recover();
  }

  /** A store that hangs has failed. Never throws. */
  async #attempt<Result>(work: () => Promise<Result>): Promise<{ readonly result: Result } | { readonly error: unknown }> {
    const { clock } = this.#options;
    try {
      return { result: await within({ clock, timeoutMs: answerWithinMs, reason: noAnswer }, work) };
    } catch (error) {
      return { error };
    }
  }

  #lookLater(): void {
    this.#cancelLook?.();
    this.#cancelLook = this.#options.clock.after(lookEveryMs, () => {
      this.#remind();
      void this.#look(undefined);
    });
  }

  #conclude(status: WriteTrouble["status"], error: unknown): void {
    const { clock, logger, store, describe } = this.#options;
    const nowMs = clock.now();
    const reason = describe(error);
    const before = this.#trouble;
    const { sinceMs, failures, remindAtMs } = before ?? {
      sinceMs: nowMs,
      failures: this.#failures,
      remindAtMs: steadyNow(clock) + reminderMs,
    };
    this.#trouble = { status, sinceMs, failures, remindAtMs, reason };
    if (before?.status !== status) logger.error(messages[status], { store, error });
  }

  #remind(): void {
    const { clock, logger, store } = this.#options;
    const nowMs = steadyNow(clock);
    if (this.#trouble === undefined || nowMs < this.#trouble.remindAtMs) return;
    const { status, sinceMs, failures, reason } = this.#trouble;
    this.#trouble = { ...this.#trouble, remindAtMs: nowMs + reminderMs };
    const since = new Date(sinceMs).toISOString();
    logger.error(messages[status], { store, since, failed_writes: failures, reason });
  }

  /** Not at once after a failure: where small writes still fit on a disk, larger ones may not. */
  #recover(): void {
    const { clock, logger, store } = this.#options;
    if (this.#trouble === undefined || steadyNow(clock) - this.#failedAtMs < lookEveryMs) return;
    const { sinceMs } = this.#trouble;
    this.#trouble = undefined;
    this.#failures = 0;
    this.#cancelLook?.();
    logger.info("a store can be written to again", { store, after_ms: clock.now() - sinceMs });
  }
}

const messages = {
  unreachable: "a store is unreachable",
  unwritable: "a store cannot be written to",
} as const;

const writesNothing = () => Promise.resolve(false);

function noAnswer(): Error {
  return new Error(`no answer within ${answerWithinMs / 1000} s`);
}
