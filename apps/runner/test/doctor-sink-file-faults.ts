import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { docs, type Fault } from "./doctor-scene.ts";

/** What may be in the place of the file for episodes, and no run takes. */
export const sinkFileFaults: readonly Fault[] = (
  [
    ["a folder", "./docs", /docs is a folder/, /check \[statewave\] url/],
    ["a document", "./docs/a.md", /it holds something else than episodes/, /point \[statewave\] url at a new file/],
    ["a pipe", "./pipe", /it is not a regular file/, /point \[statewave\] url at a new file/],
  ] as const
).map(([what, path, words, hint]): Fault => ({
  fault: `${what} in the place of the file for episodes`,
  line: new RegExp(`^FAIL statewave: .*${words.source}`),
  hint,
  code: 1,
  scene(folder) {
    if (what === "a pipe") spawnSync("mkfifo", [join(folder, path)]);
    return { toml: `[statewave]\nurl = "file:${path}"\n${docs}` };
  },
}));
