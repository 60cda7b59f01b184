import { cursorCodec, type CursorReader } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import { KnownDocuments } from "./changes/known-documents.ts";

const version = 1;

/** `[path, hash, fingerprint]`, and `revision, past` where there was a change. A list, so that a file may be called `__proto__`. */
const Row = v.union([
  v.strictTuple([v.string(), v.string(), v.string()]),
  v.strictTuple([v.string(), v.string(), v.string(), v.pipe(v.number(), v.integer(), v.minValue(1)), v.string()]),
]);
const Cursor = v.object({
  version: v.literal(version),
  files: v.array(Row),
  /** Folders on another device than the one they lie in. */
  mounts: v.optional(v.array(v.string())),
});

const codec = cursorCodec({ kind: "markdown", version, versionKey: "version", schema: Cursor });

/** No cursor: nothing is known. Throws MARKDOWN_CURSOR_INVALID for one that this connector did not write. */
export function parseCursor(cursor: string | undefined, reader: CursorReader = {}): KnownDocuments {
  const stored = codec.parse(cursor, reader);
  if (stored === undefined) return new KnownDocuments([]);
  const documents = stored.files.map(
    ([path, hash, fingerprint, revision = 0, past = ""]) => [path, { hash, fingerprint, revision, past }] as const,
  );
  return new KnownDocuments(documents, stored.mounts);
}

/** Throws MARKDOWN_CURSOR_TOO_LARGE for more documents than one entry can read. */
export function formatCursor(documents: KnownDocuments): string {
  const files = Array.from(documents.entries(), ([path, { hash, fingerprint, revision, past }]): v.InferOutput<typeof Row> =>
    revision === 0 ? [path, hash, fingerprint] : [path, hash, fingerprint, revision, past],
  );
  return codec.format({ version, files, ...(documents.mounts.size > 0 && { mounts: [...documents.mounts] }) });
}
