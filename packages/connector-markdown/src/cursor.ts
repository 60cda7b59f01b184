import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { cursorCodec, type CursorReader } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import { type KnownDocument, KnownDocuments } from "./changes/known-documents.ts";

const version = 1;

/** The largest cursor that every store keeps, less room for what a page adds. Bytes. */
const maxBytesWithNames = 900 * 1024;

/** Marks, names and former marks of its sections, and its identity where that is not its path. */
const Sections = v.strictTuple([v.string(), v.string(), v.string(), v.string()]);
const revision = v.pipe(v.number(), v.integer(), v.minValue(0));

/**
 * `[path, hash, fingerprint]`, then `revision, past` where there was a change, then what is known of sections. A list, so that a file may
 * be called `__proto__`.
 */
const Row = v.union([
  v.strictTuple([v.string(), v.string(), v.string()]),
  v.strictTuple([v.string(), v.string(), v.string(), v.pipe(revision, v.minValue(1)), v.string()]),
  v.strictTuple([v.string(), v.string(), v.string(), revision, v.string(), Sections]),
]);
type Row = v.InferOutput<typeof Row>;

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
  return stored === undefined ? new KnownDocuments([]) : new KnownDocuments(stored.files.map(toKnown), stored.mounts);
}

/**
 * A folder with so many sections that their names find no room is read on without these: that a section is gone is then not reported.
 * Throws MARKDOWN_CURSOR_TOO_LARGE for more documents than one entry can read.
 */
export function formatCursor(documents: KnownDocuments): string {
  const format = (hasNames: boolean) => {
    const files = Array.from(documents.entries(), ([path, document]) => toRow(path, document, hasNames));
    return codec.format({ version, files, ...(documents.mounts.size > 0 && { mounts: [...documents.mounts] }) });
  };
  const named = formatUnlessTooLarge(() => format(true));
  return named !== undefined && Buffer.byteLength(named) <= maxBytesWithNames ? named : format(false);
}

function formatUnlessTooLarge(format: () => string): string | undefined {
  try {
    return format();
  } catch (error) {
    if (isConnectorsError(error, "MARKDOWN_CURSOR_TOO_LARGE")) return undefined;
    throw error;
  }
}

function toKnown([path, hash, fingerprint, changes = 0, past = "", stored]: Row): readonly [string, KnownDocument] {
  const [marks = "", names = "", pastMarks = "", identity = ""] = stored ?? [];
  const hasSections = marks !== "" || pastMarks !== "";
  return [
    path,
    {
      hash,
      fingerprint,
      revision: changes,
      past,
      ...(hasSections && { sections: { marks, names, past: pastMarks } }),
      ...(identity !== "" && { identity }),
    },
  ];
}

function toRow(path: string, document: KnownDocument, hasNames: boolean): Row {
  const { hash, fingerprint, revision: changes, past, sections, identity = "" } = document;
  if (sections === undefined && identity === "")
    return changes === 0 ? [path, hash, fingerprint] : [path, hash, fingerprint, changes, past];
  const { marks, names, past: pastMarks } = sections ?? { marks: "", names: "", past: "" };
  return [path, hash, fingerprint, changes, past, [marks, hasNames ? names : "", pastMarks, identity === path ? "" : identity]];
}
