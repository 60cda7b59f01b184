import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";

/** A text in a file, as the editor left it. */
export interface EditedText {
  readonly text: string;
  readonly path: string;
  /** Removes the file, which holds what a source sent. */
  discard(): Promise<void>;
}

/**
 * Opens an editor on a text. The file lies in a folder that this user alone may enter, until it is discarded: what was typed is not lost when
 * it is refused. Throws `RUNNER_EDITOR_FAILED`.
 */
export async function editText(text: string, editor: string): Promise<EditedText> {
  const folder = await mkdtemp(join(tmpdir(), "statewave-connectors-"));
  const path = join(folder, "letter.json");
  const discard = () => rm(folder, { recursive: true, force: true });
  try {
    await writeFile(path, text, { mode: 0o600 });
    await runEditor(editor, path);
    return { text: await readFile(path, "utf8"), path, discard };
  } catch (cause) {
    const typed = await readFile(path, "utf8").catch(() => text);
    if (typed === text) await discard();
    throw editorFailed(cause, typed === text ? undefined : path);
  }
}

function editorFailed(cause: unknown, path: string | undefined): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_EDITOR_FAILED",
    message: `${cause instanceof Error ? cause.message : String(cause)}; nothing was changed`,
    hint:
      path === undefined ? "set $EDITOR to an editor that ends with 0" : `pass the edit, which is kept in ${path}, with --file`,
    cause,
  });
}

/** Through the shell: an editor may be named with arguments, such as `code --wait`. */
function runEditor(editor: string, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("sh", ["-c", `${editor} "$1"`, "sh", path], { stdio: "inherit" });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`the editor ended with ${signal ?? code}`));
    });
  });
}
