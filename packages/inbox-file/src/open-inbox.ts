import { dirname, join, resolve } from "node:path";
import { ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { describeLockHolder, foreignOwnerHint, makeOwnedFile, makeStateFolder } from "@statewave-connectors/connector-sdk/host";
import type { AdapterContext } from "@statewave-connectors/connector-sdk/store";
import { defaultInboxLimits, defineInbox, InboxShell } from "@statewave-connectors/connector-sdk/inbox";
import { backupName, FileEngine } from "./file-engine.ts";
import { fileInboxOptions } from "./options.ts";
import { restoreInbox } from "./restore-inbox.ts";
import { fromWire, startWorker } from "./worker-link.ts";
import { uncreatable } from "./worker/sqlite-errors.ts";

/**
 * Opens the inbox file, `path` or `inbox.sqlite` in the state folder; creates it and its folder when missing. One process at a time:
 * throws `INBOX_LOCKED` while another holds it, `INBOX_FILE_CORRUPT` or `INBOX_FILE_VERSION` when it cannot be read (and leaves it as it
 * is), `INBOX_UNAVAILABLE` when it cannot be created, `INBOX_OPTION_INVALID`.
 */
export const openInbox = defineInbox({
  config: fileInboxOptions,
  livesIn: "files",
  files({ path }, places) {
    const file = fileOf(typeof path === "string" ? path : undefined, places);
    return [file, `${file}-wal`, `${file}-shm`];
  },
  async open({ path }, limits, { clock, logger, baseDir, stateDir }) {
    const file = fileOf(path, { baseDir, stateDir });
    await makePlaceOf(file);
    const engine = new FileEngine({ worker: { path: file, ...limits }, startWorker, clock, logger });
    await engine.opened().catch((error: unknown) => {
      throw withOwner(error, file);
    });
    return new InboxShell(engine, clock);
  },
  async restore({ path }, { clock, logger, baseDir, stateDir }, folder) {
    const file = fileOf(path, { baseDir, stateDir });
    // It applies no limit, so that a back-up of a full inbox is restored.
    const worker = { ...defaultInboxLimits, maxDepth: Number.MAX_SAFE_INTEGER, maxBytes: Number.MAX_SAFE_INTEGER };
    const open = (opened: string) => new FileEngine({ worker: { ...worker, path: opened }, startWorker, clock, logger });
    await makePlaceOf(file);
    await restoreInbox(file, join(folder, backupName), open).catch((error: unknown) => {
      throw withOwner(error, file);
    });
  },
});

function fileOf(path: string | undefined, { baseDir, stateDir }: Pick<AdapterContext, "baseDir" | "stateDir">): string {
  return path === undefined ? join(stateDir, "inbox.sqlite") : resolve(baseDir, path);
}

/** Here, as the worker imports no package. */
async function makePlaceOf(file: string): Promise<void> {
  try {
    await makeStateFolder(dirname(file));
    makeOwnedFile(file);
  } catch (error) {
    throw withOwner(fromWire(uncreatable(file, error)), file);
  }
}

/** Names the process that has a file open, or the user to whom one belongs that cannot be opened. */
function withOwner(error: unknown, file: string): unknown {
  if (isConnectorsError(error, "INBOX_LOCKED")) return locked(error, file);
  const hint = foreignOwnerHint(file);
  if (hint === undefined || !isConnectorsError(error, "INBOX_UNAVAILABLE")) return error;
  const { code, message, retryable, cause } = error;
  return new ConnectorsError({ code, message, hint, retryable, cause });
}

function locked({ code, hint = "stop the other process", cause }: ConnectorsError, file: string): ConnectorsError {
  const { by, hintWhenPaused } = describeLockHolder(file);
  const message = `the inbox file ${file} is in use by ${by}`;
  return new ConnectorsError({ code, message, hint: hintWhenPaused ?? hint, cause });
}
