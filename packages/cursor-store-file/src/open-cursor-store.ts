import { join, resolve } from "node:path";
import { defineCursorStore } from "@statewave-connectors/connector-sdk/store";
import { openFileBackedPullCursorStore } from "./file-cursor-store.ts";
import { fileStoreOptions } from "./options.ts";

/** What `[runner.state] kind = "file"` opens. */
export const openCursorStore = defineCursorStore({
  config: fileStoreOptions,
  livesIn: "files",
  open: ({ path }, { baseDir, stateDir, clock }) =>
    openFileBackedPullCursorStore({ path: path === undefined ? join(stateDir, "cursors.json") : resolve(baseDir, path), clock }),
});
