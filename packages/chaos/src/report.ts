/** What was done to the processes, the network and the clocks. */
export interface DisturbanceCounts {
  readonly kills: number;
  readonly pauses: number;
  readonly clockSteps: number;
  readonly storeOutages: number;
  readonly sinkOutages: number;
  readonly sinkFaults: number;
}

/** What was counted when everything stood still. */
export interface ChaosCounts {
  readonly webhooksSent: number;
  readonly webhooksAcknowledged: number;
  readonly pagesRead: number;
  /** Rows that the fake Statewave holds. */
  readonly stored: number;
  readonly deadLetters: number;
  readonly leases: number;
  readonly duesFinished: number;
  /** Runs that were left unfinished, by whichever process continues them. */
  readonly resumed: number;
  readonly checkpoints: number;
  /** Of checkpoints: by an owner that had lost its lease. */
  readonly checkpointsRefused: number;
}

/** A promise that did not hold. */
export interface ChaosViolation {
  /** The promise, in a few words, e.g. "no item is lost". */
  readonly promise: string;
  /** What was seen instead. */
  readonly found: string;
}

/** How a trial ended. */
export interface ChaosReport {
  readonly passed: boolean;
  readonly seed: number;
  /** Where it ran, e.g. `postgres, schema statewave_chaos`. */
  readonly place: string;
  readonly processes: number;
  readonly durationMs: number;
  readonly disturbances: DisturbanceCounts;
  readonly counts: ChaosCounts;
  readonly violations: readonly ChaosViolation[];
  /** What this trial could not show, a sentence each. */
  readonly notTested: readonly string[];
  /** The folder with logs and journal, where it was kept. */
  readonly keptIn?: string;
}
