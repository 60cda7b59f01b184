import { readdir, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import { parseSinceDefault } from "@statewave-connectors/connector-sdk/options";
import { parseSeedCursor, seedCursor } from "@statewave-connectors/connector-sdk/store";
import { codeOf, readRegularFile, unreadable } from "./cursor-file.ts";

/** A cursor in a file of its own. */
export interface CursorFile {
  readonly cursor: string;
  /** As it is on the disk. */
  readonly text: string;
  readonly modifiedAtMs: number;
}

const ending = ".json";
const noun = "cursor file";
/** More than a cursor of 1 MiB takes, whatever its characters are. */
const mostBytes = 8 * 1024 * 1024;

/** Where the cursor of a source is. */
export function cursorPath(folder: string, key: string): string {
  return `${join(folder, ...key.split("/"))}${ending}`;
}

/** The cursors in a folder, by source; none where it is missing. Throws `STORE_FILE_CORRUPT` for a file that is no cursor of a source. */
export async function readCursorFolder(folder: string): Promise<Map<string, CursorFile>> {
  const files = new Map<string, CursorFile>();
  for (const kind of await namesIn(folder)) {
    if (kind.endsWith(ending)) throw corrupt(join(folder, kind), "it must be in a folder that is named after its kind");
    for (const name of await namesIn(join(folder, kind))) {
      if (!name.endsWith(ending)) continue;
      const key = `${kind}/${name.slice(0, -ending.length)}`;
      const path = join(folder, kind, name);
      if (parseSourceKey(key) === undefined) throw corrupt(path, `${key} is not the name of a source`);
      const file = await readCursor(path);
      if (file !== undefined) files.set(key, file);
    }
  }
  return files;
}

/** The sources that have a file in a folder, whatever is in it. */
export async function sourcesInFolder(folder: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for (const kind of await namesIn(folder)) {
    for (const name of await namesIn(join(folder, kind)))
      if (name.endsWith(ending)) keys.push(`${kind}/${name.slice(0, -ending.length)}`);
  }
  return keys.filter((key) => parseSourceKey(key) !== undefined);
}

/** One of them; undefined where there is none. */
async function readCursor(path: string): Promise<CursorFile | undefined> {
  try {
    const { mtimeMs, size } = await stat(path);
    if (size > mostBytes) throw corrupt(path, `it has ${size} bytes`);
    const bytes = await readRegularFile(path);
    const text = bytes.toString("utf8");
    // Bytes that are no UTF-8 must not turn into replacement characters in a cursor.
    if (!Buffer.from(text).equals(bytes)) throw corrupt(path, "it is not UTF-8");
    return { text, cursor: parseCursorText(text, path), modifiedAtMs: Math.round(mtimeMs) };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    if (error instanceof ConnectorsError) throw error;
    throw unreadable(noun, path, error);
  }
}

/** The time of the file says when its cursor was written, by the clock of the store. One that cannot be set is that of this machine. */
export async function setTime(path: string, updatedAtMs: number | undefined): Promise<void> {
  if (updatedAtMs !== undefined) await utimes(path, updatedAtMs / 1_000, updatedAtMs / 1_000).catch(() => undefined);
}

/** The text on the disk; undefined where there is none. */
export async function readCursorText(path: string): Promise<string | undefined> {
  try {
    return (await readRegularFile(path)).toString("utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw unreadable(noun, path, error);
  }
}

/** The file of a cursor: a JSON cursor is JSON in it, so that a person can read and edit it. */
export function toCursorText(cursor: string): string {
  const start = parseSeedCursor(cursor);
  if (start !== undefined) return `${JSON.stringify({ timestamp: start.since, id: start.id })}\n`;
  const value = parse(cursor);
  const isReadable = typeof value === "object" && value !== null && JSON.stringify(value) === cursor;
  return `${JSON.stringify({ cursor: isReadable ? value : cursor })}\n`;
}

function parseCursorText(written: string, path: string): string {
  if (written.includes("\0")) throw corrupt(path, "it holds NUL bytes, as UTF-16 text does");
  // Some editors begin a file with the mark of its byte order.
  const text = written.replace(/^\ufeff/, "");
  const value = parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw corrupt(path, "it is not a JSON object");
  const rounded = roundedNumber(text);
  if (rounded !== undefined) throw corrupt(path, `the number ${rounded} would be rounded: write it as a text, "${rounded}"`);
  const { cursor, timestamp, id, ...others } = value as Readonly<Record<string, unknown>>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw corrupt(path, `it has the unknown key ${JSON.stringify(unknown.slice(0, 100))}`);
  if (cursor !== undefined) {
    if (timestamp !== undefined || id !== undefined) throw corrupt(path, "it has a cursor and a timestamp or an id");
    if (cursor === null) throw corrupt(path, "its cursor is null");
    return typeof cursor === "string" ? cursor : JSON.stringify(cursor);
  }
  // Date.parse takes "page 7" for a month, and a time without an offset for one of this machine.
  const start = typeof timestamp === "string" ? parseSinceDefault(timestamp) : undefined;
  if (start?.type !== "moment")
    throw corrupt(path, "it has neither a cursor nor a timestamp in the form of 2026-01-01T00:00:00Z");
  const since = new Date(start.ms).toISOString();
  if (id === undefined) return seedCursor({ since });
  if (typeof id === "string") return seedCursor({ since, id });
  if (typeof id === "number" && Number.isInteger(id)) return seedCursor({ since, id: String(id) });
  throw corrupt(path, "its id is neither a text nor a whole number");
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith("."));
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return [];
    throw unreadable("folder of cursors", folder, error);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A whole number in a JSON text that JavaScript cannot hold, as an id of 64 bits may be. */
function roundedNumber(text: string): string | undefined {
  if (!/\d{16}/.test(text)) return undefined;
  let rounded: string | undefined;
  const look = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
    const { source } = context ?? {};
    if (typeof value === "number" && source !== undefined && /^-?\d+$/.test(source) && String(value) !== source)
      rounded ??= source;
    return value;
  };
  JSON.parse(text, look);
  return rounded;
}

function corrupt(path: string, why: string): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_FILE_CORRUPT",
    message: `the cursor file ${path} cannot be used: ${why}`,
    hint: 'write {"cursor": …} or {"timestamp": "2026-01-01T00:00:00Z"}, or remove it to read the source from its beginning',
  });
}
