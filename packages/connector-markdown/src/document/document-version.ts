import type { KnownSections } from "../changes/known-sections.ts";
import type { Encoding } from "../folder/decode-document.ts";

/** A document's content, read just now. */
export interface DocumentVersion {
  /** The entry's name. */
  readonly sourceName: string;
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Default UTF-8. */
  readonly encoding?: Encoding;
  readonly hash: string;
  readonly modifiedMs: number;
  readonly nowMs: number;
  /** Of a document that comes whole: joins its key, so that a state that may have been reported before is news again. */
  readonly repetition: string | undefined;
  /** Of a document that comes in sections: what is known of it. Absent: it comes whole. */
  readonly sections?: SectionedDocument;
}

export interface SectionedDocument {
  /** The path under which it was first seen: it stays when the document moves. */
  readonly identity: string;
  /** How often the document was seen to change. */
  readonly revision: number;
  /** Absent: no section of it was sent before. */
  readonly known?: KnownSections;
}

/** A time ahead of our clock, or before 1970, is a clock gone wrong somewhere. */
export function timeOf({ modifiedMs, nowMs }: Pick<DocumentVersion, "modifiedMs" | "nowMs">): string {
  return new Date(Math.min(Math.max(modifiedMs, 0), nowMs)).toISOString();
}
