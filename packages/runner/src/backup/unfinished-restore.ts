import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { makeStateFolder, toError } from "@statewave-connectors/connector-sdk/host";

/** Of files that are there while those of a state are replaced, and after a restore that was killed. Each names the back-up. */
const prefix = "restore-unfinished";
/** Of the mark of a restore during which another one ended. */
const mixed = ".mixed";

/** The mark of a restore under way. Each restore has a file of its own, so none takes away the mark of another one that runs at the same time. */
export interface RestoreMark {
  /** Everything is restored: removes the marks of earlier restores that were killed, too. Throws `STORE_RESTORE_UNFINISHED` when another restore has ended meanwhile. */
  done(): Promise<void>;
  /** Nothing was replaced. */
  undo(): Promise<void>;
}

/** Marks a state as half restored. Throws `STORE_UNWRITABLE`. */
export async function markRestore(stateDir: string, folder: string): Promise<RestoreMark> {
  const own = `${prefix}.${randomUUID()}`;
  const write = () => writeFile(join(stateDir, own), folder, { flag: "wx", mode: 0o600, flush: true });
  const remove = (name: string) => rm(join(stateDir, name), { force: true });
  const earlier = marksIn(stateDir);
  try {
    await makeStateFolder(stateDir);
    await write();
  } catch (cause) {
    throw new ConnectorsError({
      code: "STORE_UNWRITABLE",
      message: `the state folder ${stateDir} cannot be written: ${toError(cause).message}`,
      hint: "run the command as the user who runs the runner, and check the rights of the folder and the room on its disk; nothing was changed",
      cause,
    });
  }
  return {
    async done() {
      const since = marksIn(stateDir).filter((name) => name !== own && !name.endsWith(mixed) && !earlier.includes(name));
      for (const name of since) await renameIfThere(join(stateDir, name), join(stateDir, name + mixed));
      if (!marksIn(stateDir).includes(own)) {
        // Its inbox or its cursors may have come between those of this one.
        await write();
        refuseHalfRestored(stateDir);
      }
      for (const name of [...earlier, own]) await remove(name);
    },
    async undo() {
      for (const name of [own, own + mixed]) await remove(name);
    },
  };
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

async function renameIfThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: unknown) => {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
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
