import type { Clock } from "@statewave-connectors/connector-sdk";

/** Calls within `forMs` of the first get its result; one that failed is shared only while it is under way. */
export function sharedFor<Result>(make: () => Promise<Result>, forMs: number, clock: Pick<Clock, "now">): () => Promise<Result> {
  let shared: { readonly atMs: number; readonly result: Promise<Result> } | undefined;
  return () => {
    const nowMs = clock.now();
    if (shared !== undefined && Math.abs(nowMs - shared.atMs) < forMs) return shared.result;
    const result = make();
    const made = { atMs: nowMs, result };
    shared = made;
    result.catch(() => {
      if (shared === made) shared = undefined;
    });
    return result;
  };
}
