import { join, resolve } from "node:path";
import type { AdapterContext } from "@statewave-connectors/connector-sdk/store";
import { defineCursorStore } from "@statewave-connectors/connector-sdk/store";
import { restoreFiles } from "./backup-files.ts";
import { defaultFolder, openFileBackedPullCursorStore } from "./file-cursor-store.ts";
import { machineFileSystem } from "./file-system.ts";
import { fileStoreOptions } from "./options.ts";
import { surveyCursorFile } from "./survey-cursor-file.ts";

/** What `[runner.state] kind = "file"` opens. */
export const openCursorStore = defineCursorStore({
  config: fileStoreOptions,
  livesIn: "files",
  files({ path }, places) {
    const file = pathOf(typeof path === "string" ? path : undefined, places);
    return [file, `${file}.records`, `${file}.lock`];
  },
  open: (options, context) => openFileBackedPullCursorStore({ ...placesOf(options, context), clock: context.clock }),
  restore(options, context, folder) {
    const { path, layout, dir } = placesOf(options, context);
    return restoreFiles({ path, layout, folder: dir, fileSystem: machineFileSystem }, folder);
  },
  survey: (options, context) => surveyCursorFile(placesOf(options, context).path),
});

interface PlaceOptions {
  readonly path?: string | undefined;
  readonly layout: "file" | "dir";
  readonly dir?: string | undefined;
}

function placesOf({ path: file, layout, dir }: PlaceOptions, { baseDir, stateDir }: AdapterContext) {
  const path = pathOf(file, { baseDir, stateDir });
  return { path, layout, dir: dir === undefined ? defaultFolder(path) : resolve(baseDir, dir) };
}

function pathOf(file: string | undefined, { baseDir, stateDir }: Pick<AdapterContext, "baseDir" | "stateDir">): string {
  return file === undefined ? join(stateDir, "cursors.json") : resolve(baseDir, file);
}
