import { adapterMaps, loadAdapter, searchPlaces } from "@statewave-connectors/config/adapters";
import { ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { namesPausedHolder, systemClock } from "@statewave-connectors/connector-sdk/host";
import type { AdapterContext } from "@statewave-connectors/connector-sdk/store";
import type { EngineOptions } from "../composition/engine-options.ts";
import { guardLogger } from "../logging/injected-logger.ts";
import { unsupported } from "./back-up-state.ts";
import { type BackupManifest, readManifest } from "./backup-manifest.ts";
import { markRestore } from "./unfinished-restore.ts";

/** A back-up that was checked, and its restore. */
export interface CheckedBackup {
  readonly manifest: BackupManifest;
  /**
   * Replaces cursors, records, events and dead letters with those of the back-up. Throws `STORE_LOCKED` or `INBOX_LOCKED` while a process has them open or restores them.
   * Interrupted, it has to be repeated: until then the state is refused with `STORE_RESTORE_UNFINISHED`.
   */
  restore(): Promise<void>;
}

/** The files know of no restore: their own hint is for a second runner. */
function inUse(error: ConnectorsError, whatToDo: string): ConnectorsError {
  const { code, message, hint = "", cause } = error;
  return new ConnectorsError({ code, message, hint: namesPausedHolder(error) ? hint : whatToDo, cause });
}

function inMemory(): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_BACKUP_UNSUPPORTED",
    message: "cursors or webhooks of this configuration are held in memory, where nothing can be restored",
    hint: 'set [runner.state] kind = "file" to restore into files',
  });
}

/** Reads the back-up in a folder. Throws `STORE_BACKUP_INVALID`, and `STORE_BACKUP_UNSUPPORTED` for a configuration whose state is on a server. */
export async function checkBackup(options: EngineOptions, folder: string): Promise<CheckedBackup> {
  const { config, clock = systemClock, resolveFrom = [] } = options;
  const { runner, baseDir } = config;
  if (runner.state.livesIn === "process" || runner.inbox.livesIn === "process") throw inMemory();
  const from = searchPlaces(baseDir, { resolveFrom, packageFolders: runner.packageFolders });
  const given = adapterMaps(options);
  const [store, inbox] = [
    (await loadAdapter({ role: "cursor-store", kind: runner.state.kind, from, given })).restore,
    (await loadAdapter({ role: "inbox", kind: runner.inbox.kind, from, given })).restore,
  ];
  if (store === undefined || inbox === undefined) throw unsupported();
  const manifest = await readManifest(folder);
  const context: AdapterContext = { clock, logger: guardLogger(options.logger), baseDir, stateDir: runner.stateDir };
  return {
    manifest,
    async restore() {
      const mark = await markRestore(runner.stateDir, folder);
      try {
        // Cursors last: with older ones some items are read again, and with newer ones letters would be missing.
        await inbox(runner.inbox.options, context, folder).catch(async (error: unknown) => {
          // It is in use, and nothing was replaced.
          if (!isConnectorsError(error, "INBOX_LOCKED")) throw error;
          await mark.undo();
          throw inUse(error, "stop the runner first: a restore replaces its files");
        });
        await store(runner.state.options, context, folder).catch((error: unknown) => {
          if (!isConnectorsError(error, "STORE_LOCKED")) throw error;
          throw inUse(error, "stop the process, then run `restore` again: the inbox is replaced, and the cursors are not");
        });
        await mark.done();
      } finally {
        mark.release();
      }
    },
  };
}
