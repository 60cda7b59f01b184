import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { docs, type Fault, head } from "./doctor-scene.ts";

/** Files of a state that `run` refuses, and a cursor that no run could begin from. */
export const stateFaults: readonly Fault[] = (
  [
    [
      "a cursor that its connector did not write",
      "cursors/markdown/docs.json",
      '{"cursor":{"page":2}}',
      /pull markdown\/docs: the cursor of markdown\/docs was not written by this connector: .*\[MARKDOWN_CURSOR_INVALID\]/,
    ],
    ["a cursor file that is cut off", "cursors.json", '{"format":', /state: .*\[STORE_FILE_CORRUPT\]/],
    [
      "a cursor file of a newer release",
      "cursors.json",
      '{"format":"statewave-connectors/cursors","version":99,"sources":{}}',
      /state: .*has format version 99.*\[STORE_FILE_VERSION\]/,
    ],
    [
      "a cursor that was edited badly",
      "cursors/markdown/docs.json",
      "{}",
      /state: .*docs\.json cannot be used: .*\[STORE_FILE_CORRUPT\]/,
    ],
    ["a restore that did not end", "restore-unfinished", "/backups/monday", /state: .*\[STORE_RESTORE_UNFINISHED\]/],
    ["an inbox that is no database", "inbox.sqlite", "x".repeat(4096), /inbox: .*\[INBOX_FILE_CORRUPT\]/],
  ] as const
).map(([fault, file, text, line]): Fault => ({
  fault,
  line: new RegExp(`^FAIL ${line.source}`),
  code: 1,
  scene(folder) {
    const path = join(folder, "state", file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    const layout = file.startsWith("cursors/") ? "dir" : "file";
    return { toml: `${head}[runner]\nstate_dir = "./state"\n[runner.state]\nkind = "file"\nlayout = "${layout}"\n${docs}` };
  },
}));
