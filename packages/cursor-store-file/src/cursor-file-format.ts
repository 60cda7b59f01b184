import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import { type SourceRow, unknownSource } from "@statewave-connectors/connector-sdk/store";
import { isObject } from "./is-object.ts";

/** With all cursors in the file, and with each in a file of its own: an earlier release must not take that for no cursors. */
const formats = { file: "statewave-connectors/cursors", dir: "statewave-connectors/cursors-in-files" } as const;
const version = 1;

/** Where cursors are: in the cursor file, or each in a file of its own. */
export type CursorLayout = keyof typeof formats;

/** Large enough that a file of many small rows is written in few calls, small enough that making one does not hold up the loop. */
const chunkLength = 128 * 1024;

/**
 * The text of a cursor file, in pieces: one line a source, so that a person can read it and a comparison shows what changed. Leases are
 * left out: they end with the process, and the next one takes no notice of them.
 */
export function* toCursorFile(
  rows: Iterable<readonly [key: string, row: SourceRow]>,
  lineOf: typeof toLine = toLine,
  layout: CursorLayout = "file",
): Generator<string> {
  let chunk = `{"format":${JSON.stringify(formats[layout])},"version":${version},"sources":{`;
  let separator = "\n";
  for (const [key, row] of rows) {
    if (isProbe(key, row)) continue;
    chunk += separator + lineOf(key, row);
    separator = ",\n";
    if (chunk.length < chunkLength) continue;
    yield chunk;
    chunk = "";
  }
  yield `${chunk}\n}}\n`;
}

/** One source's line. */
export function toLine(key: string, { cursor, updatedAtMs, epoch, finishedDueMs, openDueMs, resumeAtMs }: SourceRow): string {
  return `${JSON.stringify(key)}:${JSON.stringify({ cursor, updatedAtMs, epoch, finishedDueMs, openDueMs, resumeAtMs })}`;
}

/** The name that is probed, which no source can have. */
const probeEnding = "/-";

/** What a probe of the store leaves behind: an epoch. Earlier releases wrote it to the file. */
function isProbe(key: string, row: SourceRow): boolean {
  const isOnlyEpoch = sameLine(row, { ...unknownSource, epoch: row.epoch });
  return isOnlyEpoch && key.endsWith(probeEnding);
}

/** One source's line without what is in a file of its own. */
export function toLineWithoutCursor(key: string, row: SourceRow): string {
  return toLine(key, { ...row, cursor: undefined, updatedAtMs: undefined });
}

/** Whether both rows have the same line without a cursor. */
export function sameLineWithoutCursor(left: SourceRow, right: SourceRow): boolean {
  return sameLine(
    { ...left, cursor: undefined, updatedAtMs: undefined },
    { ...right, cursor: undefined, updatedAtMs: undefined },
  );
}

/** Whether both rows have the same line. */
export function sameLine(left: SourceRow, right: SourceRow): boolean {
  return (
    left.cursor === right.cursor &&
    left.updatedAtMs === right.updatedAtMs &&
    left.epoch === right.epoch &&
    left.finishedDueMs === right.finishedDueMs &&
    left.openDueMs === right.openDueMs &&
    left.resumeAtMs === right.resumeAtMs
  );
}

/** What a cursor file holds. */
export interface ParsedCursorFile {
  readonly rows: Map<string, SourceRow>;
  readonly layout: CursorLayout;
}

/** The rows of a cursor file. Whatever is not wholly understood is refused: a guess could send a source back to its beginning. */
export function parseCursorFile(bytes: Uint8Array, path: string): ParsedCursorFile {
  const file = parseObject(bytes, path);
  const layout = file["format"] === formats.file ? "file" : file["format"] === formats.dir ? "dir" : undefined;
  if (layout === undefined) throw corrupt(path, `it does not say "format": "${formats.file}"`);
  if (typeof file["version"] === "number" && file["version"] > version) {
    throw new ConnectorsError({
      code: "STORE_FILE_VERSION",
      message: `the cursor file ${path} has format version ${file["version"]}; this release reads up to version ${version}`,
      hint: "run the newer release that wrote it, or name another path; the file was left as it is",
    });
  }
  if (file["version"] !== version) throw corrupt(path, `it has no version this release knows`);
  if (!isObject(file["sources"])) throw corrupt(path, `it has no "sources"`);
  const rows = new Map<string, SourceRow>();
  for (const [key, value] of Object.entries(file["sources"])) {
    const row = toRow(key, value, path);
    if (isProbe(key, row)) continue;
    if (parseSourceKey(key) === undefined) throw corrupt(path, `${JSON.stringify(key.slice(0, 100))} names no source`);
    rows.set(key, row);
  }
  return { rows, layout };
}

function parseObject(bytes: Uint8Array, path: string): Record<string, unknown> {
  if (bytes.length === 0) throw corrupt(path, "it is empty");
  let value: unknown;
  try {
    // Bytes that are no UTF-8 must not turn into replacement characters in a cursor.
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw corrupt(path, "it is not JSON: cut off, or written by something else", error);
  }
  if (!isObject(value)) throw corrupt(path, "it does not hold a JSON object");
  return value;
}

const numberFields = ["updatedAtMs", "epoch", "finishedDueMs", "openDueMs", "resumeAtMs"] as const;
const knownFields = new Set<string>(["cursor", ...numberFields]);

function toRow(key: string, value: unknown, path: string): SourceRow {
  if (!isObject(value)) throw corrupt(path, `the row of ${key} is not an object`);
  const unknownField = Object.keys(value).find((field) => !knownFields.has(field));
  if (unknownField !== undefined) throw corrupt(path, `the row of ${key} has an unknown field ${JSON.stringify(unknownField)}`);
  const { cursor } = value;
  if (cursor !== undefined && typeof cursor !== "string") throw corrupt(path, `the cursor of ${key} is not a string`);
  const numbers: Partial<Record<(typeof numberFields)[number], number>> = {};
  for (const field of numberFields) {
    const number = value[field];
    if (number === undefined) continue;
    if (typeof number !== "number") throw corrupt(path, `${field} of ${key} is not a number`);
    numbers[field] = number;
  }
  const { epoch, ...rest } = numbers;
  if (epoch === undefined || !Number.isSafeInteger(epoch) || epoch < 0) throw corrupt(path, `${key} has no epoch`);
  return { ...unknownSource, ...rest, cursor, epoch };
}

function corrupt(path: string, why: string, cause?: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_FILE_CORRUPT",
    message: `the cursor file ${path} cannot be used: ${why}`,
    hint: "put a backup in its place, or move it away to read every source from its beginning; the file was left as it is",
    cause,
  });
}
