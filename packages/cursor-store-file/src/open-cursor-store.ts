import { join, resolve } from "node:path";
import { ConnectorsError, type OpenCursorStore } from "@statewave-connectors/connector-sdk";
import { openFileBackedPullCursorStore } from "./file-cursor-store.ts";

/** What `[runner.state] kind = "file"` opens. Option `path`, from the config file's folder; default `<state_dir>/cursors.json`. */
export const openCursorStore: OpenCursorStore = async ({ path }, { baseDir, stateDir, clock }) => {
  if (path === undefined) return openFileBackedPullCursorStore({ path: join(stateDir, "cursors.json"), clock });
  if (typeof path !== "string" || path === "") {
    throw new ConnectorsError({
      code: "STORE_OPTION_INVALID",
      message: `[runner.state] path must be the name of a file, not ${JSON.stringify(path)}.`,
      hint: "Leave it out to keep cursors.json in the state_dir.",
    });
  }
  return openFileBackedPullCursorStore({ path: resolve(baseDir, path), clock });
};
