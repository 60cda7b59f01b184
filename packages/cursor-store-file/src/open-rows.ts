import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { makeStateFolder } from "@statewave-connectors/connector-sdk/host";
import { type SourceRow, unknownSource } from "@statewave-connectors/connector-sdk/store";
import { readCursorFile, replaceFile, writeFailed } from "./cursor-file.ts";
import { type CursorLayout, toCursorFile, toLineWithoutCursor } from "./cursor-file-format.ts";
import { type CursorFile, cursorPath, readCursorFolder, setTime, toCursorText } from "./cursor-folder.ts";
import { DurableRows } from "./durable-rows.ts";
import type { CursorFileSystem } from "./file-system.ts";
import { FolderWriter } from "./folder-writer.ts";
import { SingleFileWriter } from "./row-writer.ts";

export interface RowPlaces {
  readonly path: string;
  readonly layout: CursorLayout;
  /** Of `layout = "dir"`. */
  readonly folder: string;
  readonly fileSystem: CursorFileSystem;
}

/** The rows of a store, moved to the layout that is wanted where they are in the other one. */
export async function openRows(places: RowPlaces): Promise<DurableRows> {
  const stored = await readCursorFile(places.path);
  if (places.layout === "file") {
    const rows = stored.layout === "file" ? stored.rows : await intoOneFile(stored.rows, places);
    return new DurableRows(rows, new SingleFileWriter(places.path, places.fileSystem));
  }
  const found = await readCursorFolder(places.folder);
  const files = stored.layout === "dir" ? found : await intoFolder(stored.rows, found, places);
  return new DurableRows(withCursors(stored.rows, files), new FolderWriter({ ...places, files }));
}

/** The rows with the cursors of the files: one that was dropped in, edited or removed while no runner ran counts as it is now. */
function withCursors(rows: ReadonlyMap<string, SourceRow>, files: ReadonlyMap<string, CursorFile>): Map<string, SourceRow> {
  const keys = new Set([...rows.keys(), ...files.keys()]);
  return new Map(
    [...keys].map((key) => {
      const file = files.get(key);
      return [key, { ...(rows.get(key) ?? unknownSource), cursor: file?.cursor, updatedAtMs: file?.modifiedAtMs }];
    }),
  );
}

/** Cursor files first: a crash in between leaves the same cursors in both places. */
async function intoFolder(
  rows: ReadonlyMap<string, SourceRow>,
  found: ReadonlyMap<string, CursorFile>,
  { path, folder, fileSystem }: RowPlaces,
): Promise<ReadonlyMap<string, CursorFile>> {
  const files = new Map(found);
  for (const [key, { cursor, updatedAtMs = 0 }] of rows) {
    if (cursor === undefined) continue;
    const file = cursorPath(folder, key);
    const there = found.get(key);
    if (there !== undefined && there.cursor !== cursor) throw conflict(file, path, key);
    const text = toCursorText(cursor);
    await makeStateFolder(dirname(file)).catch((error: unknown) => {
      throw writeFailed("cursor file", file, error);
    });
    const failure = await replaceFile("cursor file", file, [text], fileSystem);
    if (failure !== undefined) throw failure.error;
    await setTime(file, updatedAtMs);
    files.set(key, { cursor, text, modifiedAtMs: updatedAtMs });
  }
  const failure = await replaceFile("cursor file", path, toCursorFile(rows, toLineWithoutCursor, "dir"), fileSystem);
  if (failure !== undefined) throw failure.error;
  return files;
}

async function intoOneFile(rows: ReadonlyMap<string, SourceRow>, places: RowPlaces): Promise<Map<string, SourceRow>> {
  const { path, folder, fileSystem } = places;
  const files = await readCursorFolder(folder);
  const merged = withCursors(rows, files);
  const failure = await replaceFile("cursor file", path, toCursorFile(merged), fileSystem);
  if (failure !== undefined) throw failure.error;
  await removeCursorFiles(folder, files.keys());
  return merged;
}

/** They must not be taken for cursors later. */
export async function removeCursorFiles(folder: string, keys: Iterable<string>): Promise<void> {
  for (const key of keys) await rm(cursorPath(folder, key), { force: true });
}

function conflict(file: string, path: string, key: string): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_LAYOUT_CONFLICT",
    message: `${file} and ${path} hold different cursors of ${key}`,
    hint: `remove ${file} to keep the cursor of the other file, or run \`state delete ${key}\` with layout = "file" to keep this one`,
  });
}
