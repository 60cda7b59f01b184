import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { toError } from "@statewave-connectors/connector-sdk/host";

/** There while the files of a state are replaced, and after a restore that was killed. It names the back-up. */
const fileName = "restore-unfinished";

/** The mark of a restore under way. */
export interface RestoreMark {
  /** Everything is restored. */
  done(): void;
  /** Nothing was replaced: an earlier mark, of a restore that was killed or still runs, stands as before. */
  undo(): void;
}

/** Marks a state as half restored. Throws `STORE_UNWRITABLE`. */
export function markRestore(stateDir: string, folder: string): RestoreMark {
  const path = join(stateDir, fileName);
  const before = unfinishedRestore(stateDir);
  const write = (content: string) => writeFileSync(path, content, { mode: 0o600, flush: true });
  const done = () => rmSync(path, { force: true });
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    write(folder);
  } catch (cause) {
    throw new ConnectorsError({
      code: "STORE_UNWRITABLE",
      message: `the state folder ${stateDir} cannot be written: ${toError(cause).message}`,
      hint: "run the command as the user who runs the runner, and check the rights of the folder and the room on its disk; nothing was changed",
      cause,
    });
  }
  return { done, undo: () => (before === undefined ? done() : write(before)) };
}

/** Throws `STORE_RESTORE_UNFINISHED` for a state that is part old and part restored: with newer cursors than its inbox, webhooks would be missing. */
export function refuseHalfRestored(stateDir: string): void {
  const folder = unfinishedRestore(stateDir);
  if (folder === undefined) return;
  throw new ConnectorsError({
    code: "STORE_RESTORE_UNFINISHED",
    message: `the state in ${stateDir} is only partly restored from ${folder}`,
    hint: `run \`restore\` of ${folder} again; it begins anew`,
  });
}

function unfinishedRestore(stateDir: string): string | undefined {
  try {
    return readFileSync(join(stateDir, fileName), "utf8");
  } catch {
    return undefined;
  }
}
