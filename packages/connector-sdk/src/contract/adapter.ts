import type { Clock } from "./clock.ts";
import type { ConnectorsError } from "./errors.ts";
import type { Logger } from "./logger.ts";

/** What a store or inbox package is opened with. */
export interface AdapterContext {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The folder that relative paths in the options start from: the config file's. */
  readonly baseDir: string;
  /** The runner's `state_dir`, absolute: the default home of files. */
  readonly stateDir: string;
  /**
   * Called when the server answered that it cannot serve for now: it loads its data, or has no connection left. Waits, and resolves with
   * whether to try again. Absent: the error is thrown at once.
   */
  readonly retryOpening?: (error: ConnectorsError) => Promise<boolean>;
}

/** The keys of `[runner.state]` or `[runner.inbox]` that are the package's own: without `kind` and the inbox's limits, `${…}` replaced. */
export type AdapterOptions = Readonly<Record<string, unknown>>;
