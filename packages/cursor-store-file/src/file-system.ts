import { constants } from "node:fs";
import { open, rename, unlink } from "node:fs/promises";
import { ownerToKeep } from "@statewave-connectors/connector-sdk/host";

/** The writes that the store's files need, in the order it needs them: an argument, so that a disk can be made to fail on purpose. */
export interface CursorFileSystem {
  /**
   * Creates a file that must not be there yet, readable by its owner alone, writes the pieces and fsyncs it. The superuser gives it to the owner of the
   * file that it will replace.
   */
  writeNew(path: string, pieces: Iterable<string>, replaced?: string): Promise<void>;
  /** Adds a text at the end of a file and makes it durable. */
  append(path: string, text: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Makes renames in the folder survive a power cut. */
  syncFolder(path: string): Promise<void>;
  /** Removes a file that may not be there. */
  remove(path: string): Promise<void>;
}

/** The machine's. */
export const machineFileSystem: CursorFileSystem = {
  async writeNew(path, pieces, replaced = path) {
    const owner = ownerToKeep(replaced);
    const file = await open(path, "wx", 0o600);
    try {
      // Where it may not be given away, it is written all the same.
      if (owner !== undefined) await file.chown(owner.uid, owner.gid).catch(() => undefined);
      await file.writeFile(pieces);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  async append(path, text) {
    const file = await open(path, constants.O_WRONLY | constants.O_APPEND);
    try {
      await file.writeFile(text);
      await file.datasync();
    } finally {
      await file.close();
    }
  },
  rename,
  async syncFolder(path) {
    // Windows cannot open folders; there, renames are as durable as its file system makes them.
    if (process.platform === "win32") return;
    const folder = await open(path, constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  // `rm` would look at the file first, for each cursor that is stored.
  async remove(path) {
    await unlink(path).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    });
  },
};
