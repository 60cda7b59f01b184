import type { ConfigInput } from "@statewave-connectors/config";

/** What a runner of a trial is started with. It comes over the channel between the processes, because it holds passwords. */
export interface RunnerSettings {
  readonly config: ConfigInput;
  /** Where relative paths start, and packages are looked for first. */
  readonly baseDir: string;
  readonly resolveFrom: readonly string[];
  readonly journalFolder: string;
  readonly leaseTtlMs: number;
}

/** From the trial to a runner. */
export type ToRunner =
  | { readonly type: "start"; readonly settings: RunnerSettings }
  /** Its clock is set to so much before or behind the machine's. */
  | { readonly type: "set-clock"; readonly aheadMs: number };

/** From a child to the trial. */
export type FromChild =
  | { readonly type: "listening"; readonly url: string }
  | { readonly type: "failed"; readonly reason: string }
  /** The machine let it do nothing for so long, as if it had been stopped. */
  | { readonly type: "stalled"; readonly fromMs: number; readonly toMs: number };
