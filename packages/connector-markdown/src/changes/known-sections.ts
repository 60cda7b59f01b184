const markLength = 8;
const pastMarkLength = 4;
const maxPast = 64;

/** What the cursor holds of the sections of a document as they were last sent. */
export interface KnownSections {
  /** The beginnings of their ids, one behind the other. */
  readonly marks: string;
  /** Their names, with spaces between them; empty when there was no room for them. */
  readonly names: string;
  /** The beginnings of the marks of former sections, the latest last. */
  readonly past: string;
}

const none: KnownSections = { marks: "", names: "", past: "" };

/** The sections of one state of a document. */
export interface SectionState {
  readonly ids: readonly string[];
  readonly names: readonly string[];
}

/** What a state of a document is, compared with what is known of it. */
export interface SectionChanges {
  readonly isNew: (id: string) => boolean;
  /** Whether a section of the same words may have been sent before. */
  readonly mayRepeat: (id: string) => boolean;
  readonly removed: readonly string[];
  readonly next: KnownSections;
}

export function compareSections(known: KnownSections = none, { ids, names }: SectionState): SectionChanges {
  const before = new Set(piecesOf(known.marks, markLength));
  const now = new Set(ids.map((id) => markOf(id)));
  const left = [...before].filter((mark) => !now.has(mark));
  const isThere = new Set(names);
  return {
    isNew: (id) => !before.has(markOf(id)),
    // With more former sections than are remembered, any may be one of them.
    mayRepeat: (id) =>
      known.past.length >= maxPast * pastMarkLength || piecesOf(known.past, pastMarkLength).includes(pastMarkOf(markOf(id))),
    removed: known.names.split(" ").filter((name) => name !== "" && !isThere.has(name)),
    next: { marks: [...now].join(""), names: [...isThere].filter((name) => name !== "").join(" "), past: remember(known, left) },
  };
}

/** What is known of the sections of a document that is gone. */
export function withoutSections(known: KnownSections): KnownSections {
  return { ...none, past: remember(known, piecesOf(known.marks, markLength)) };
}

function remember({ past }: KnownSections, left: readonly string[]): string {
  return (past + left.map((mark) => pastMarkOf(mark)).join("")).slice(-maxPast * pastMarkLength);
}

function piecesOf(text: string, length: number): readonly string[] {
  return Array.from({ length: Math.floor(text.length / length) }, (_, at) => text.slice(at * length, (at + 1) * length));
}

function markOf(id: string): string {
  return id.slice(0, markLength);
}

function pastMarkOf(mark: string): string {
  return mark.slice(0, pastMarkLength);
}
