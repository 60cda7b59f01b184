import type { AdapterContext, AdapterFiles, AdapterOptions, RestoreAdapter, StateHome } from "../contract/adapter.ts";
import type { ConfigSchema } from "../contract/config-schema.ts";
import type { ConnectorsError } from "../contract/errors.ts";
import { openPatiently } from "../contract/open-patiently.ts";
import { checkOptions } from "../options/check-options.ts";
import type { CursorStore } from "./cursor-store.ts";
import { nothingStored, type StoreSurvey } from "./store-survey.ts";

/** Every `cursor-store-*` package exports one as `openCursorStore`, made by {@link defineCursorStore}. */
export interface OpenCursorStore {
  (options: AdapterOptions, context: AdapterContext): Promise<CursorStore>;
  /** What the options may be: `[runner.state]` is checked, printed and documented by it. Without one only the package knows. */
  readonly config?: ConfigSchema;
  /** Absent: on a server. */
  readonly livesIn?: StateHome;
  /** Absent: the file that the option `path` names. */
  readonly files?: AdapterFiles;
  /** Replaces what is stored with a copy that `CursorStore.backup` made. Throws while a process has the store open. */
  readonly restore?: RestoreAdapter;
  /** Looks at what is stored under these options, and changes nothing. Absent: it cannot be moved from. */
  readonly survey?: SurveyStore;
}

/** See `OpenCursorStore.survey`. */
export type SurveyStore = (options: AdapterOptions, context: AdapterContext) => Promise<StoreSurvey>;

/** What {@link defineCursorStore} is given. */
export interface CursorStoreDeclaration<Options> {
  readonly config: ConfigSchema<Options>;
  readonly livesIn: StateHome;
  open(options: Options, context: AdapterContext): Promise<CursorStore>;
  /** See `OpenCursorStore.files`. */
  readonly files?: AdapterFiles;
  /** See `OpenCursorStore.restore`. */
  restore?(options: Options, context: AdapterContext, folder: string): Promise<void>;
  /** See `OpenCursorStore.survey`. */
  survey?(options: Options, context: AdapterContext): Promise<StoreSurvey>;
  /** Whether the server that `open` failed on answered that it cannot serve for now, so that another try makes sense. Default: never. */
  readonly isPassing?: (error: ConnectorsError) => boolean;
}

/**
 * Declares a cursor store. Its options are checked by `config` first, with a configuration file or without: `STORE_OPTION_INVALID`
 * names all that is wrong with them.
 *
 * @example export const openCursorStore = defineCursorStore({ config, livesIn: "server", open: ({ url }, { logger }) => connect(url, logger) });
 */
export function defineCursorStore<Options>(declaration: CursorStoreDeclaration<Options>): OpenCursorStore {
  const { config, livesIn, files, isPassing } = declaration;
  const open: OpenCursorStore = async (options, context) => {
    const checked = await checkOptions("STORE", config, options);
    return openPatiently(() => declaration.open(checked, context), isPassing, context);
  };
  const restore: RestoreAdapter = async (options, context, folder) =>
    declaration.restore?.(await checkOptions("STORE", config, options), context, folder);
  const survey: SurveyStore = async (options, context) =>
    (await declaration.survey?.(await checkOptions("STORE", config, options), context)) ?? nothingStored;
  return Object.assign(open, {
    config,
    livesIn,
    ...(files !== undefined && { files }),
    ...(declaration.restore !== undefined && { restore }),
    ...(declaration.survey !== undefined && { survey }),
  });
}
