import type { Clock } from "./clock.ts";
import type { CursorStore } from "./cursor-store.ts";
import type { Inbox, InboxLimits } from "./inbox.ts";
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

/** Every `cursor-store-*` package exports this as `openCursorStore`. `options` is the `[runner.state]` table, already interpolated. */
export type OpenCursorStore = (options: Readonly<Record<string, unknown>>, context: AdapterContext) => Promise<CursorStore>;

/** Every `inbox-*` package exports this as `openInbox`. `options` is the `[runner.inbox]` table (or the state's, when it names no kind). */
export type OpenInbox = (
  options: Readonly<Record<string, unknown>>,
  limits: InboxLimits,
  context: AdapterContext,
) => Promise<Inbox>;
