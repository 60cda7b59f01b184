import type { AdapterContext, AdapterFiles, AdapterOptions, RestoreAdapter, StateHome } from "../contract/adapter.ts";
import type { ConfigSchema } from "../contract/config-schema.ts";
import type { ConnectorsError } from "../contract/errors.ts";
import { openPatiently } from "../contract/open-patiently.ts";
import { checkOptions } from "../options/check-options.ts";
import type { Inbox, InboxLimits } from "./inbox.ts";

/**
 * Every `inbox-*` package exports one as `openInbox`, made by {@link defineInbox}. When `[runner.inbox]` names no kind of its own, its
 * options are those of `[runner.state]` that the inbox knows, but for `path`, and on top of them its own.
 */
export interface OpenInbox {
  (options: AdapterOptions, limits: InboxLimits, context: AdapterContext): Promise<Inbox>;
  /** What the options may be: `[runner.inbox]` is checked, printed and documented by it. Without one only the package knows. */
  readonly config?: ConfigSchema;
  /** Absent: on a server. */
  readonly livesIn?: StateHome;
  /** Absent: the file that the option `path` names. */
  readonly files?: AdapterFiles;
  /** Replaces what is stored with a copy that `Inbox.backup` made. Throws while a process has the inbox open. */
  readonly restore?: RestoreAdapter;
}

/** What {@link defineInbox} is given. */
export interface InboxDeclaration<Options> {
  readonly config: ConfigSchema<Options>;
  readonly livesIn: StateHome;
  open(options: Options, limits: InboxLimits, context: AdapterContext): Promise<Inbox>;
  /** See `OpenInbox.files`. */
  readonly files?: AdapterFiles;
  /** See `OpenInbox.restore`. */
  restore?(options: Options, context: AdapterContext, folder: string): Promise<void>;
  /** Whether the server that `open` failed on answered that it cannot serve for now, so that another try makes sense. Default: never. */
  readonly isPassing?: (error: ConnectorsError) => boolean;
}

/** Declares an inbox. Its options are checked by `config` first, with `INBOX_OPTION_INVALID` as for `defineCursorStore`. */
export function defineInbox<Options>(declaration: InboxDeclaration<Options>): OpenInbox {
  const { config, livesIn, files, isPassing } = declaration;
  const open: OpenInbox = async (options, limits, context) => {
    const checked = await checkOptions("INBOX", config, options);
    return openPatiently(() => declaration.open(checked, limits, context), isPassing, context);
  };
  const declared = { config, livesIn, ...(files !== undefined && { files }) };
  if (declaration.restore === undefined) return Object.assign(open, declared);
  const restoreChecked: RestoreAdapter = async (options, context, folder) =>
    declaration.restore?.(await checkOptions("INBOX", config, options), context, folder);
  return Object.assign(open, { ...declared, restore: restoreChecked });
}
