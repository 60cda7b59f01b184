import type { Clock } from "@statewave-connectors/connector-sdk";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { FakeClock } from "../fake-clock.ts";

/** The time of a suite's subject: set by hand where its clock is ours, waited for where it is the server's. */
export interface StoreTime {
  /** What the store is opened with. */
  readonly clock: Clock;
  /** The store's clock, as well as it is known from here. */
  now(): number;
  /** By how much `now` may be wrong. */
  readonly uncertaintyMs: number;
  /** Returns when at least so much has passed on the store's clock; no more than that where `uncertaintyMs` is 0. */
  pass(durationMs: number): Promise<void>;
  /** Sets the store's clock forwards or back; absent where it is the server's. */
  readonly set?: (byMs: number) => void;
  /** Short enough to be waited for, long enough that a few calls fit in. */
  readonly shortMs: number;
  /** Longer than any case takes. */
  readonly longMs: number;
}

/** For a store whose clock is the one it is opened with. */
export function injectedTime(): StoreTime {
  const clock = new FakeClock();
  return {
    clock,
    now: () => clock.now(),
    uncertaintyMs: 0,
    pass: (ms) => clock.advance(ms),
    set: (byMs) => clock.set(clock.now() + byMs),
    shortMs: 10_000,
    longMs: 600_000,
  };
}

/** How far off is the clock that a store with a clock of its own is opened with. */
const wrongByMs = 60 * 60_000;

/**
 * For a store that lives by a server's clock. Leases that have to lapse are waited for in real time. The store is opened with a
 * clock that is an hour fast, so that every case fails for a store that goes by it.
 *
 * @param server How this side sees the server's clock, and how it waits. Default: the machine's clock, right to a second.
 */
export function serverTime(server: Clock = systemClock): StoreTime {
  return {
    clock: { now: () => server.now() + wrongByMs, after: (delayMs, callback) => server.after(delayMs, callback) },
    now: () => server.now(),
    uncertaintyMs: 1_000,
    pass: (ms) => new Promise((resolve) => void server.after(ms + 25, resolve)),
    shortMs: 250,
    longMs: 600_000,
  };
}
