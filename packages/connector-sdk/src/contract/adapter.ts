import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";

/** What a store or inbox package is opened with. */
export interface AdapterContext {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The folder that relative paths in the options start from: the config file's. */
  readonly baseDir: string;
  /** The runner's `state_dir`, absolute: the default home of files. */
  readonly stateDir: string;
}

/** The keys of `[runner.state]` or `[runner.inbox]` that are the package's own: without `kind` and the inbox's limits, `${…}` replaced. */
export type AdapterOptions = Readonly<Record<string, unknown>>;
