import type { ConnectorsConfig } from "@statewave-connectors/config";
import { adapterMaps, type GivenAdapters, loadAdapter, searchPlaces } from "@statewave-connectors/config/adapters";
import { type Clock, ConnectorsError, type Logger } from "@statewave-connectors/connector-sdk";
import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { defaultInboxLimits, type Inbox } from "@statewave-connectors/connector-sdk/inbox";
import type { AdapterContext, CursorStore } from "@statewave-connectors/connector-sdk/store";
import { refuseHalfRestored } from "../backup/unfinished-restore.ts";
import { guardLogger } from "../logging/injected-logger.ts";

export interface SelectStoreOptions extends Pick<GivenAdapters, "cursorStores" | "inboxes"> {
  readonly runner: ConnectorsConfig["runner"];
  /** Where relative paths start. Default: the working directory. */
  readonly baseDir?: string;
  /** Where else adapter packages are looked for: as `loadConfig` does, from `baseDir` and the working directory first. */
  readonly resolveFrom?: readonly string[];
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** See `AdapterContext`. */
  readonly retryOpening?: AdapterContext["retryOpening"];
}

/** Opens the cursor store that `[runner.state]` names, of the package `cursor-store-<kind>`. */
export async function selectPullCursorStore(options: SelectStoreOptions): Promise<CursorStore> {
  const { state, stateDir } = options.runner;
  refuseHalfRestored(stateDir);
  const { from, given, context } = surroundings(options);
  const open = await loadAdapter({ role: "cursor-store", kind: state.kind, from, given });
  return open(state.options, context);
}

/** Opens the inbox that `[runner.inbox]` names, of the package `inbox-<kind>`. */
export async function selectInbox(options: SelectStoreOptions): Promise<Inbox> {
  const { inbox, stateDir } = options.runner;
  refuseHalfRestored(stateDir);
  const { from, given, context } = surroundings(options);
  const limits = { ...defaultInboxLimits, dedupWindowMs: inbox.dedupWindowMs, maxDepth: inbox.maxDepth };
  const open = await loadAdapter({ role: "inbox", kind: inbox.kind, from, given });
  const opened = await open(inbox.options, limits, context);
  if (typeof opened.buryFailedItem === "function") return opened;
  await opened.close();
  throw itemsUnsupported(inbox.kind);
}

/** Found at the start: at the first broken item it would end every run. */
function itemsUnsupported(kind: string): ConnectorsError {
  return new ConnectorsError({
    code: "INBOX_ITEM_UNSUPPORTED",
    message: `the inbox ${kind} was made for an older runner: without buryFailedItem it keeps no items that could not be mapped`,
    hint: "update the package of the inbox, or add the method `buryFailedItem` to it",
  });
}

function surroundings(options: SelectStoreOptions) {
  const { runner, baseDir = process.cwd(), resolveFrom = [], clock = systemClock, logger = silentLogger } = options;
  const { cursorStores, inboxes, retryOpening } = options;
  const context: AdapterContext = {
    clock,
    logger: guardLogger(logger),
    baseDir,
    stateDir: runner.stateDir,
    ...(retryOpening === undefined ? {} : { retryOpening }),
  };
  return {
    from: searchPlaces(baseDir, { resolveFrom, packageFolders: runner.packageFolders }),
    given: adapterMaps({ cursorStores, inboxes }),
    context,
  };
}
