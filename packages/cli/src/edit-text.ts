import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The text as it is when the editor ends. It lies in a folder that this user alone may enter, and is removed afterwards. */
export async function editText(text: string, editor: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "statewave-connectors-"));
  const path = join(folder, "letter.json");
  try {
    await writeFile(path, text, { mode: 0o600 });
    await runEditor(editor, path);
    return await readFile(path, "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Through the shell: an editor may be named with arguments, such as `code --wait`. */
function runEditor(editor: string, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("sh", ["-c", `${editor} "$1"`, "sh", path], { stdio: "inherit" });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`the editor ended with ${signal ?? code}; nothing was changed`));
    });
  });
}
