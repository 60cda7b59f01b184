import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import { KnownDocuments } from "./known-documents.ts";

const version = 1;

/** `[path, hash, fingerprint]`, and `revision, past` where there was a change. A list, so that a file may be called `__proto__`. */
const Row = v.union([
  v.strictTuple([v.string(), v.string(), v.string()]),
  v.strictTuple([v.string(), v.string(), v.string(), v.pipe(v.number(), v.integer(), v.minValue(1)), v.string()]),
]);
const Cursor = v.object({ version: v.literal(version), files: v.array(Row) });

/** No cursor: nothing is known. Throws MARKDOWN_CURSOR_INVALID for one that this version did not write. */
export function parseCursor(cursor: string | undefined): KnownDocuments {
  if (cursor === undefined) return new KnownDocuments([]);
  const { files } = readCursor(cursor);
  return new KnownDocuments(
    files.map(([path, hash, fingerprint, revision = 0, past = ""]) => [path, { hash, fingerprint, revision, past }] as const),
  );
}

export function formatCursor(documents: KnownDocuments): string {
  const files = Array.from(documents.entries(), ([path, { hash, fingerprint, revision, past }]) =>
    revision === 0 ? [path, hash, fingerprint] : [path, hash, fingerprint, revision, past],
  );
  return JSON.stringify({ version, files });
}

function readCursor(cursor: string): v.InferOutput<typeof Cursor> {
  try {
    return v.parse(Cursor, JSON.parse(cursor));
  } catch (error) {
    throw new ConnectorsError({
      code: "MARKDOWN_CURSOR_INVALID",
      message: `the stored cursor was not written by this version (it begins ${JSON.stringify(cursor.slice(0, 40))})`,
      hint: "use the version that wrote it, or delete it with `state delete`; then every document is read, and known ones are recognised by their keys",
      cause: error,
    });
  }
}
