import { join, resolve } from "node:path";
import { defineCursorStore } from "@statewave-connectors/connector-sdk/store";
import { restoreFiles } from "./backup-files.ts";
import { openFileBackedPullCursorStore } from "./file-cursor-store.ts";
import { machineFileSystem } from "./file-system.ts";
import { fileStoreOptions } from "./options.ts";

/** What `[runner.state] kind = "file"` opens. */
export const openCursorStore = defineCursorStore({
  config: fileStoreOptions,
  livesIn: "files",
  open: ({ path }, { baseDir, stateDir, clock }) =>
    openFileBackedPullCursorStore({ path: pathOf(path, baseDir, stateDir), clock }),
  restore: ({ path }, { baseDir, stateDir }, folder) => restoreFiles(pathOf(path, baseDir, stateDir), folder, machineFileSystem),
});

function pathOf(path: string | undefined, baseDir: string, stateDir: string): string {
  return path === undefined ? join(stateDir, "cursors.json") : resolve(baseDir, path);
}
