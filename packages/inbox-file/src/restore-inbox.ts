import { copyFile, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { giveToOwner, ownerToKeep } from "@statewave-connectors/connector-sdk/host";
import type { FileEngine } from "./file-engine.ts";

/** What SQLite keeps beside a file while it is open, or after a crash. */
const companions = ["-wal", "-shm", "-journal"];

/**
 * Replaces an inbox file with a copy of another one. The copy is opened and closed before it takes the file's place, so that one that this release cannot
 * read is refused and the file stays as it is. Throws `INBOX_LOCKED` while a process has the file open.
 */
export async function restoreInbox(file: string, copy: string, openEngine: (path: string) => FileEngine): Promise<void> {
  // Open until the copy is checked: a runner that starts meanwhile would accept webhooks into a file that is about to go.
  const held = openEngine(file);
  try {
    await held.opened().catch((error: unknown) => {
      // What is to be replaced may be damaged.
      if (!isConnectorsError(error, "INBOX_FILE_CORRUPT") && !isConnectorsError(error, "INBOX_FILE_VERSION")) throw error;
    });
    await replaceInbox(file, copy, { openEngine, letGo: () => held.close() });
  } finally {
    await held.close();
  }
}

interface Replacing {
  readonly openEngine: (path: string) => FileEngine;
  /** Closes the file that is replaced. */
  readonly letGo: () => Promise<void>;
}

async function replaceInbox(file: string, copy: string, { openEngine, letGo }: Replacing): Promise<void> {
  const arriving = `${file}.restoring`;
  try {
    for (const end of ["", ...companions]) await rm(arriving + end, { force: true });
    await copyFile(copy, arriving);
    giveToOwner(arriving, ownerToKeep(file));
    await openAndClose(openEngine(arriving));
    await syncPath(arriving);
    await letGo();
    // A log that is left behind would be applied to the new file.
    for (const end of companions) await rm(file + end, { force: true });
    await rename(arriving, file);
    await syncPath(dirname(file));
  } catch (cause) {
    for (const end of ["", ...companions]) await rm(arriving + end, { force: true });
    if (isConnectorsError(cause)) throw cause;
    throw new ConnectorsError({
      code: "INBOX_RESTORE_FAILED",
      message: `the inbox file ${file} could not be replaced with ${copy}: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: "check the disk and the rights, then run `restore` again before the runner starts",
      cause,
    });
  }
}

async function openAndClose(engine: FileEngine): Promise<void> {
  try {
    await engine.opened();
  } finally {
    await engine.close();
  }
}

async function syncPath(path: string): Promise<void> {
  // Windows cannot open folders.
  const handle = await open(path, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
