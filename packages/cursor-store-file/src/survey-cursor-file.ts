import { readFile, stat } from "node:fs/promises";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import { mostSurveyed, strangerName, type StoreSurvey, type SurveyedSource } from "@statewave-connectors/connector-sdk/store";
import { isObject } from "./is-object.ts";

/** A cursor file of the earlier runner has a few hundred bytes a source. */
const maxFileBytes = 64 * 1024 * 1024;

/** The only one that the earlier runner wrote: `{"version": 1, "cursors": {"<kind>/<name>": "…"}}`. */
const earlierVersion = 1;

/**
 * What a cursor file holds, its own or the earlier runner's. Takes no lock and writes nothing. Throws `STORE_FILE_UNREADABLE`,
 * `STORE_FILE_CORRUPT`, and `STORE_FILE_VERSION` for a version of the earlier runner that is not known.
 */
export async function surveyCursorFile(path: string): Promise<StoreSurvey> {
  const found = await lookAt(path);
  // A file that is not there yet is still a place: both runners could make it.
  if (found === undefined) return { place: `file ${path}`, sources: [] };
  const { place, modifiedAtMs } = found;
  const file = parseFile(await readFile(path).catch((error: unknown) => Promise.reject(unreadable(path, error))), path);
  if (typeof file["format"] === "string" && file["format"].startsWith("statewave-connectors/"))
    return { place, format: "current", sources: [] };
  const { version, cursors } = file;
  if (version !== earlierVersion) throw otherVersion(path, version);
  if (!isObject(cursors)) throw corrupt(path, `it has no "cursors"`);
  const { sources, strangers } = sortCursors(cursors, path);
  // The file is written whole: with several cursors, its time is that of whichever was written last.
  const written = sources.length + strangers.length === 1 ? { updatedAtMs: modifiedAtMs } : {};
  return { place, format: "earlier", sources: sources.map((source) => ({ ...source, ...written })), strangers };
}

async function lookAt(path: string): Promise<{ readonly place: string; readonly modifiedAtMs: number } | undefined> {
  // Follows symbolic links, so that another name of the file is the same place.
  const found = await stat(path).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return undefined;
    throw unreadable(path, error);
  });
  if (found === undefined) return undefined;
  // A pipe or a device may never end.
  if (!found.isFile()) throw unreadable(path, new Error("it is not a regular file"));
  if (found.size > maxFileBytes) throw corrupt(path, `it is larger than ${maxFileBytes} bytes`);
  return { place: `file ${found.dev}:${found.ino}`, modifiedAtMs: Math.floor(found.mtimeMs) };
}

/** One strange entry is no reason to give up the others; a file of nothing else is not one of cursors. */
function sortCursors(cursors: Readonly<Record<string, unknown>>, path: string) {
  const entries = Object.entries(cursors);
  if (entries.length > mostSurveyed) throw corrupt(path, `it names more than ${mostSurveyed} sources`);
  const sources: SurveyedSource[] = [];
  const strangers: string[] = [];
  for (const [key, cursor] of entries) {
    const source = parseSourceKey(key);
    if (source === undefined || typeof cursor !== "string") strangers.push(strangerName(key));
    else sources.push({ source, bytes: Buffer.byteLength(cursor) });
  }
  if (sources.length === 0 && strangers[0] !== undefined) throw corrupt(path, `${strangers[0]} is no source with a cursor`);
  return { sources, strangers };
}

function parseFile(bytes: Uint8Array, path: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw corrupt(path, "it is not JSON: cut off, or written by something else", error);
  }
  if (!isObject(value)) throw corrupt(path, "it does not hold a JSON object");
  return value;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function unreadable(path: string, cause: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_FILE_UNREADABLE",
    message: `the cursor file ${path} cannot be read: ${codeOf(cause) ?? reasonOf(cause)}`,
    hint: "check what is at the path, and that this user may read it",
    cause,
  });
}

function otherVersion(path: string, version: unknown): ConnectorsError {
  const named = typeof version === "number" ? `version ${version}` : "no version";
  return new ConnectorsError({
    code: "STORE_FILE_VERSION",
    message: `the cursor file ${path} has ${named}; of the earlier runner only version ${earlierVersion} is known`,
    hint: "add `--no-state`, which moves the sources without their cursors; the file was left as it is",
  });
}

function corrupt(path: string, why: string, cause?: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_FILE_CORRUPT",
    message: `the cursor file ${path} cannot be used: ${why}`,
    hint: "fix the file, or move the sources without their cursors, with `--no-state`; the file was left as it is",
    cause,
  });
}
