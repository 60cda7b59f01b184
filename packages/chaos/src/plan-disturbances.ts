/** One thing that is done to what surrounds the work, or to the processes that do it. */
export type Disturbance =
  /** `victim` picks among the processes that are well: 0 the first, just under 1 the last. */
  | { readonly type: "kill"; readonly victim: number }
  | { readonly type: "pause"; readonly victim: number; readonly forMs: number }
  /** Its clock is wrong by so much, and then right again. */
  | { readonly type: "wrong-clock"; readonly victim: number; readonly byMs: number; readonly forMs: number }
  | { readonly type: "store-outage"; readonly isSilent: boolean; readonly forMs: number }
  | { readonly type: "sink-outage"; readonly isSilent: boolean; readonly forMs: number }
  | { readonly type: "sink-fault"; readonly fault: SinkFault; readonly times: number };

/** How the next requests to the sink end; in the last two their episodes are stored. */
export type SinkFault = "unavailable" | "reset" | "stored-error" | "lost-reply";

export interface PlannedDisturbance {
  /** After the one before. */
  readonly waitMs: number;
  readonly disturbance: Disturbance;
}

export interface PlanOptions {
  /** In [0, 1); the same numbers make the same plan. */
  readonly random: () => number;
  readonly leaseTtlMs: number;
  /** Whether a proxy stands in front of the store. */
  readonly reachesStore: boolean;
  /** How wrong a clock may be. */
  readonly longestStepMs: number;
}

const shortestWaitMs = 600;
const longestWaitMs = 2_200;
const longestOutageMs = 4_000;
const sinkFaults: readonly SinkFault[] = ["unavailable", "reset", "stored-error", "lost-reply"];

/** What happens and when, without end. Each kind comes early, also in a short trial; then chance decides. */
export function* planDisturbances(options: PlanOptions): Generator<PlannedDisturbance, never> {
  const { random, leaseTtlMs, reachesStore, longestStepMs } = options;
  const between = (least: number, most: number) => Math.round(least + random() * (most - least));
  const makers: readonly (() => Disturbance)[] = [
    () => ({ type: "kill", victim: random() }),
    // Longer than its lease: another process has to resume what it did.
    () => ({ type: "pause", victim: random(), forMs: leaseTtlMs + between(1_000, 4_000) }),
    () => ({ type: "sink-fault", fault: sinkFaults[between(0, sinkFaults.length - 1)] ?? "reset", times: between(1, 5) }),
    () => ({
      type: "wrong-clock",
      victim: random(),
      byMs: between(-longestStepMs, longestStepMs),
      forMs: between(1_000, longestOutageMs),
    }),
    () => ({ type: "sink-outage", isSilent: random() < 0.5, forMs: between(500, longestOutageMs) }),
    ...(reachesStore
      ? [(): Disturbance => ({ type: "store-outage", isSilent: random() < 0.5, forMs: between(500, longestOutageMs) })]
      : []),
  ];
  for (let turn = 0; ; turn += 1) {
    const make = makers[turn < makers.length ? turn : between(0, makers.length - 1)];
    if (make !== undefined) yield { waitMs: between(shortestWaitMs, longestWaitMs), disturbance: make() };
  }
}
