import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { cursorCodec, type CursorReader } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import { type KnownDocument, KnownDocuments } from "./changes/known-documents.ts";

const version = 1;

/** The largest cursor that every store keeps, less room for what a page adds. Bytes. */
const maxBytesWithNames = 900 * 1024;

const string = v.string();
const integer = v.pipe(v.number(), v.integer(), v.minValue(0));
const revision = v.pipe(integer, v.minValue(1));

/** Marks, names and former marks of its sections, and its identity where that is not its path. */
const sectionEntries = [string, string, string, string] as const;

/** `[path, hash, fingerprint]`, then `revision, past` where there was a change. A list, so that a file may be called `__proto__`. */
const rowForms = [v.strictTuple([string, string, string]), v.strictTuple([string, string, string, revision, string])] as const;
/** As some releases wrote what is known of sections. */
const formerRow = v.strictTuple([string, string, string, integer, string, v.strictTuple(sectionEntries)]);
const Row = v.union([...rowForms, formerRow]);
type Row = v.InferOutput<typeof Row>;

/** The place in `files`, then what is known of sections. Beside the rows, because releases before it read these only as they are. */
const SectionRow = v.strictTuple([integer, ...sectionEntries]);
type SectionRow = v.InferOutput<typeof SectionRow>;

const Cursor = v.object({
  version: v.literal(version),
  files: v.array(Row),
  sections: v.optional(v.array(SectionRow)),
  /** Folders on another device than the one they lie in. */
  mounts: v.optional(v.array(v.string())),
});

const codec = cursorCodec({ kind: "markdown", version, versionKey: "version", schema: Cursor });

/** No cursor: nothing is known. Throws MARKDOWN_CURSOR_INVALID for one that this connector did not write. */
export function parseCursor(cursor: string | undefined, reader: CursorReader = {}): KnownDocuments {
  const stored = codec.parse(cursor, reader);
  if (stored === undefined) return new KnownDocuments([]);
  const sections = new Map(stored.sections?.map(([place, ...known]) => [place, known] as const));
  return new KnownDocuments(
    stored.files.map((row, place) => toKnown(row, sections.get(place))),
    stored.mounts,
  );
}

/**
 * A folder with so many sections that their names find no room is read on without these: that a section is gone is then not reported.
 * Throws MARKDOWN_CURSOR_TOO_LARGE for more documents than one entry can read.
 */
export function formatCursor(documents: KnownDocuments): string {
  const format = (hasNames: boolean) => {
    const known = [...documents.entries()];
    const sections = known.flatMap(([path, document], place) => toSectionRow(path, document, { place, hasNames }));
    return codec.format({
      version,
      files: known.map(toRow),
      ...(sections.length > 0 && { sections }),
      ...(documents.mounts.size > 0 && { mounts: [...documents.mounts] }),
    });
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

function toKnown(
  [path, hash, fingerprint, changes = 0, past = "", former]: Row,
  stored: readonly [string, string, string, string] | undefined = former,
): readonly [string, KnownDocument] {
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

function toRow([path, { hash, fingerprint, revision: changes, past }]: readonly [string, KnownDocument]): Row {
  return changes === 0 ? [path, hash, fingerprint] : [path, hash, fingerprint, changes, past];
}

function toSectionRow(
  path: string,
  { sections, identity = "" }: KnownDocument,
  { place, hasNames }: { readonly place: number; readonly hasNames: boolean },
): readonly SectionRow[] {
  if (sections === undefined && identity === "") return [];
  const { marks, names, past } = sections ?? { marks: "", names: "", past: "" };
  return [[place, marks, hasNames ? names : "", past, identity === path ? "" : identity]];
}
