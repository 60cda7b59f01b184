import type { Clock } from "@statewave-connectors/connector-sdk";

/** A result that callers share. */
export interface Shared<Result> {
  readonly read: () => Promise<Result>;
  /** The next `read` makes it anew: something has changed. */
  readonly forget: () => void;
}

/** Callers get the result that is under way, or that came less than `forMs` ago; one that failed is shared only while it is under way. */
export function sharedFor<Result>(make: () => Promise<Result>, forMs: number, clock: Pick<Clock, "now">): Shared<Result> {
  let shared: { atMs: number | undefined; readonly result: Promise<Result> } | undefined;
  const read = () => {
    if (shared !== undefined && (shared.atMs === undefined || Math.abs(clock.now() - shared.atMs) < forMs)) return shared.result;
    const made: typeof shared = { atMs: undefined, result: make() };
    shared = made;
    made.result.then(
      () => (made.atMs = clock.now()),
      () => {
        if (shared === made) shared = undefined;
      },
    );
    return made.result;
  };
  return { read, forget: () => (shared = undefined) };
}
