import { ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { checkRecordName, RecordMap, type RecordRow } from "@statewave-connectors/connector-sdk/store";
import { codeOf, readRegularFile, unreadable } from "./cursor-file.ts";
import { isObject } from "./is-object.ts";

const format = "statewave-connectors/records";
const version = 1;
const newline = 0x0a;

/** A key and what it holds from now on; no row: nothing. */
export type RecordChange = readonly [scope: string, key: string, row: RecordRow | undefined];

/** The first line: what the file is, and the latest version number that was used. */
export function headerLine(lastVersion: number): string {
  return `${JSON.stringify({ format, version, lastVersion })}\n`;
}

/** The changes that become durable together. They share a line, so that a crash leaves all of them or none. */
export function changeLine(changes: readonly RecordChange[]): string {
  return `${JSON.stringify(changes.map(([scope, key, row]) => ({ scope, key, ...row })))}\n`;
}

/** The records of the file, and whether something may be appended: not when there is no file, or a crash cut its last line. */
export interface ReadRecords {
  readonly rows: RecordMap;
  readonly bytes: number;
  readonly appendable: boolean;
}

/** Reads the file; an absent one holds no records. Throws `STORE_FILE_UNREADABLE`, `STORE_FILE_VERSION` or `STORE_FILE_CORRUPT`. */
export async function readRecordsFile(path: string): Promise<ReadRecords> {
  let bytes: Buffer;
  try {
    bytes = await readRegularFile(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return { rows: new RecordMap(), bytes: 0, appendable: false };
    throw unreadable("records file", path, error);
  }
  return parseRecordsFile(bytes, path);
}

/** A last line that is not whole was never acknowledged. Any other line that is not understood is a reason to refuse the file. */
function parseRecordsFile(bytes: Buffer, path: string): ReadRecords {
  const lines = linesOf(bytes);
  const header = lines.next();
  const rows = new RecordMap(parseHeader(header.value, path));
  let number = 2;
  for (let line = lines.next(); line.done !== true; number += 1) {
    const next = lines.next();
    const changes = parseChanges(line.value);
    if (changes === undefined) {
      if (next.done !== true) throw corrupt(path, `line ${number} is not what a runner writes`);
      return { rows, bytes: bytes.length, appendable: false };
    }
    for (const [scope, key, row] of changes) rows.set(scope, key, row);
    line = next;
  }
  return { rows, bytes: bytes.length, appendable: true };
}

/** Each line with its end, where it has one. */
function* linesOf(bytes: Buffer): Generator<Buffer, undefined> {
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(newline, start);
    const next = end === -1 ? bytes.length : end + 1;
    yield bytes.subarray(start, next);
    start = next;
  }
  return undefined;
}

function parseHeader(line: Buffer | undefined, path: string): number {
  const header = line === undefined ? undefined : parseLine(line);
  if (!isObject(header) || header["format"] !== format) throw corrupt(path, `it does not begin with "format": "${format}"`);
  const { version: found, lastVersion } = header;
  if (typeof found === "number" && found > version) {
    throw new ConnectorsError({
      code: "STORE_FILE_VERSION",
      message: `the records file ${path} has format version ${found}, newer than version ${version}`,
      hint: "run the newer release that wrote it, or move the file away to start without records; the file was left as it is",
    });
  }
  if (found !== version || !isVersion(lastVersion, 0)) throw corrupt(path, "its first line has no valid version");
  return lastVersion;
}

function parseChanges(line: Buffer): readonly RecordChange[] | undefined {
  const changes = parseLine(line);
  if (!Array.isArray(changes)) return undefined;
  const parsed = changes.map(parseChange);
  return parsed.every((change) => change !== undefined) ? parsed : undefined;
}

function parseChange(change: unknown): RecordChange | undefined {
  if (!isObject(change)) return undefined;
  const { scope, key, value, version: number, expiresAtMs } = change;
  if (typeof scope !== "string" || typeof key !== "string" || !isName(scope, key)) return undefined;
  if (value === undefined && number === undefined) return [scope, key, undefined];
  if (typeof value !== "string" || !isVersion(number, 1)) return undefined;
  if (expiresAtMs !== undefined && typeof expiresAtMs !== "number") return undefined;
  return [scope, key, { value, version: number, expiresAtMs }];
}

function isName(scope: string, key: string): boolean {
  try {
    checkRecordName(scope, key);
    return true;
  } catch (error) {
    if (isConnectorsError(error)) return false;
    throw error;
  }
}

function isVersion(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

/** Undefined for a line that is cut or is not JSON. */
function parseLine(line: Buffer): unknown {
  if (line.at(-1) !== newline) return undefined;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(line));
  } catch {
    return undefined;
  }
}

function corrupt(path: string, why: string): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_FILE_CORRUPT",
    message: `the records file ${path} cannot be used: ${why}`,
    hint: "put a backup in its place, or move it away to start without records; the file was left as it is",
  });
}
