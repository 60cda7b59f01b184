import type { ConfigInput } from "@statewave-connectors/config";
import type { StoreAddress } from "../network/cuttable-proxy.ts";

type RunnerTable = NonNullable<ConfigInput["runner"]>;
export type StateInput = NonNullable<RunnerTable["state"]>;
export type InboxInput = NonNullable<RunnerTable["inbox"]>;

/** The part of the operator's disk or store in which a trial runs. */
export interface TrialPlace {
  /** E.g. `postgres, schema statewave_chaos`. */
  readonly name: string;
  /** How many processes may share it. */
  readonly processes: number;
  /** How wrong the clock of a process may be: where the process's clock is the store's, dues within 5 s count as the same. */
  readonly longestStepMs: number;
  /** Where the server is, if a proxy can stand in front of it; else why none can. */
  readonly server: StoreAddress | { readonly unreachedBy: string };
  /** `[runner.state]` and `[runner.inbox]` in this place, with the server behind a proxy on `port` of this machine where one is given. */
  readonly tables: (port?: number) => { readonly state: StateInput; readonly inbox: InboxInput };
  /** Takes it for this trial, in one step of the store. Throws `CHAOS_PLACE_USED` when it holds anything, or another trial has it. */
  claim(): Promise<void>;
  /** Removes everything that a trial left, the claim with it. */
  clear(): Promise<void>;
}

/** How many processes a trial starts where they can share a state. */
export const sharedProcesses = 3;

/** For stores with a clock of their own: longer than any lease lives and any interval lasts. */
export const sharedLongestStepMs = 10 * 60_000;

/** The name of everything that a trial makes. */
export const trialName = "statewave_chaos";

/** What a trial puts into its place first: the file, table or key of this name can be made once. */
export const claimName = "trial";
