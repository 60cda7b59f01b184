import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { toError } from "@statewave-connectors/connector-sdk/host";

/** There while the files of a state are replaced, and after a restore that was killed. It names the back-up. */
const fileName = "restore-unfinished";

/** Marks a state as half restored; answers a function that takes the mark away. Throws `STORE_UNWRITABLE`. */
export function markRestore(stateDir: string, folder: string): () => void {
  const path = join(stateDir, fileName);
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    writeFileSync(path, folder, { mode: 0o600, flush: true });
  } catch (cause) {
    throw new ConnectorsError({
      code: "STORE_UNWRITABLE",
      message: `the state folder ${stateDir} cannot be written: ${toError(cause).message}`,
      hint: "run the command as the user who runs the runner, and check the rights of the folder and the room on its disk; nothing was changed",
      cause,
    });
  }
  return () => rmSync(path, { force: true });
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
