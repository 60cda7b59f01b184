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

/** Where a store or an inbox keeps what it holds, which decides who can see it and what a restart finds. */
export type StateHome =
  /** In the memory of the process that opened it: no other process sees it, and it ends with that process. */
  | "process"
  /** In files of this machine, which one process holds at a time. */
  | "files"
  /** On a server, which several processes may use at the same time. */
  | "server";

/** The keys of `[runner.state]` or `[runner.inbox]` that are the package's own: without `kind` and the inbox's limits, `${…}` replaced. */
export type AdapterOptions = Readonly<Record<string, unknown>>;

/**
 * The files that are written under these options, as absolute paths: no other part of the configuration may name one of them. The options are not checked
 * yet.
 */
export type AdapterFiles = (options: AdapterOptions, places: Pick<AdapterContext, "baseDir" | "stateDir">) => readonly string[];

/** Replaces what an adapter stores with the copy in a folder. */
export type RestoreAdapter = (options: AdapterOptions, context: AdapterContext, folder: string) => Promise<void>;
