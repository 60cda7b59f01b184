import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import {
  describeLockHolder,
  makeStateFolder,
  type ProcessLock,
  takeProcessLock,
  toError,
} from "@statewave-connectors/connector-sdk/host";

/** Of files that are there while those of a state are replaced, and after a restore that was killed. Each names the back-up. */
const prefix = "restore-unfinished";
const lockName = "restore.lock";

/** A restore under way. It has the state to itself, so every mark but its own is that of a restore that was killed. */
export interface RestoreMark {
  /** Everything is restored: removes the marks of earlier restores, too. */
  done(): Promise<void>;
  /** Nothing was replaced. */
  undo(): Promise<void>;
  /** Lets other restores begin. A mark that is neither done nor undone stays. */
  release(): void;
}

/** Marks a state as half restored. Throws `STORE_UNWRITABLE`, and `STORE_LOCKED` while another restore is under way. */
export async function markRestore(stateDir: string, folder: string): Promise<RestoreMark> {
  const own = `${prefix}.${randomUUID()}`;
  const remove = (name: string) => rm(join(stateDir, name), { force: true });
  const lock = await lockRestores(stateDir);
  try {
    await writeFile(join(stateDir, own), folder, { flag: "wx", mode: 0o600, flush: true });
  } catch (cause) {
    lock.release();
    throw unwritable(stateDir, cause);
  }
  return {
    async done() {
      for (const name of marksIn(stateDir)) await remove(name);
    },
    undo: () => remove(own),
    release: () => lock.release(),
  };
}

async function lockRestores(stateDir: string): Promise<ProcessLock> {
  const path = join(stateDir, lockName);
  let lock: ProcessLock | undefined;
  try {
    await makeStateFolder(stateDir);
    lock = takeProcessLock(path);
  } catch (cause) {
    throw unwritable(stateDir, cause);
  }
  if (lock !== undefined) return lock;
  const { by, hintWhenPaused } = describeLockHolder(path);
  throw new ConnectorsError({
    code: "STORE_LOCKED",
    message: `another \`restore\` into ${stateDir} is under way: it is run by ${by}`,
    hint: hintWhenPaused ?? "wait until it has ended, and look at what it restored before you run the command again",
  });
}

function unwritable(stateDir: string, cause: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_UNWRITABLE",
    message: `the state folder ${stateDir} cannot be written: ${toError(cause).message}`,
    hint: "run the command as the user who runs the runner, and check the rights of the folder and the room on its disk; nothing was changed",
    cause,
  });
}

/** Throws `STORE_RESTORE_UNFINISHED` for a state that is part old and part restored: with newer cursors than its inbox, webhooks would be missing. */
export function refuseHalfRestored(stateDir: string): void {
  const [mark] = marksIn(stateDir);
  if (mark === undefined) return;
  const folder = readMark(join(stateDir, mark));
  throw new ConnectorsError({
    code: "STORE_RESTORE_UNFINISHED",
    message: `the state in ${stateDir} is only partly restored from ${folder}`,
    hint: `run \`restore\` of ${folder} again; it begins anew`,
  });
}

function marksIn(stateDir: string): readonly string[] {
  try {
    return readdirSync(stateDir).filter((name) => name.startsWith(prefix));
  } catch {
    return [];
  }
}

function readMark(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "a back-up";
  }
}
