import { checkOptions } from "./check-options.ts";
import type { Clock } from "./clock.ts";
import type { ConfigSchema } from "./config-schema.ts";
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

/** The keys of `[runner.state]` or `[runner.inbox]` that are the package's own: without `kind` and the inbox's limits, `${…}` replaced. */
export type AdapterOptions = Readonly<Record<string, unknown>>;

/** Every `cursor-store-*` package exports one as `openCursorStore`, made by {@link defineCursorStore}. */
export interface OpenCursorStore {
  (options: AdapterOptions, context: AdapterContext): Promise<CursorStore>;
  /** What the options may be: `[runner.state]` is checked, printed and documented by it. Without one only the package knows. */
  readonly config?: ConfigSchema;
}

/**
 * Every `inbox-*` package exports one as `openInbox`, made by {@link defineInbox}. When `[runner.inbox]` names no kind of its own, its
 * options are those of `[runner.state]` that the inbox knows, but for `path`, and on top of them its own.
 */
export interface OpenInbox {
  (options: AdapterOptions, limits: InboxLimits, context: AdapterContext): Promise<Inbox>;
  /** What the options may be: `[runner.inbox]` is checked, printed and documented by it. Without one only the package knows. */
  readonly config?: ConfigSchema;
}

export interface CursorStoreDeclaration<Options> {
  readonly config: ConfigSchema<Options>;
  open(options: Options, context: AdapterContext): Promise<CursorStore>;
}

export interface InboxDeclaration<Options> {
  readonly config: ConfigSchema<Options>;
  open(options: Options, limits: InboxLimits, context: AdapterContext): Promise<Inbox>;
}

/**
 * Declares a cursor store. Whoever opens it, with a file or without, gets its options checked by `config` first: `STORE_OPTION_INVALID`
 * names all that is wrong with them.
 *
 * @example export const openCursorStore = defineCursorStore({ config: options, open: ({ url }, { logger }) => connect(url, logger) });
 */
export function defineCursorStore<Options>(declaration: CursorStoreDeclaration<Options>): OpenCursorStore {
  const { config } = declaration;
  const open: OpenCursorStore = async (options, context) =>
    declaration.open(await checkOptions("STORE", config, options), context);
  return Object.assign(open, { config });
}

/** Declares an inbox. Its options are checked by `config` first, with `INBOX_OPTION_INVALID` as in {@link defineCursorStore}. */
export function defineInbox<Options>(declaration: InboxDeclaration<Options>): OpenInbox {
  const { config } = declaration;
  const open: OpenInbox = async (options, limits, context) =>
    declaration.open(await checkOptions("INBOX", config, options), limits, context);
  return Object.assign(open, { config });
}
