import type { Stats } from "node:fs";
import { type KnownSections, withoutSections } from "./known-sections.ts";

/**
 * Timestamps of files may be as coarse as 2 s (FAT), so a file changed this recently may change again without showing it.
 * Such a file is hashed again at the next walk, as git does with its "racily clean" entries.
 */
const racyMs = 2000;

/** How many former states of a document are remembered, and by how many characters of their hash. */
const marksKept = 64;
const markLength = 4;

const deletedMark = "gone";
const ascii = /^[\0-\x7f]*$/;

/** How many deleted documents are remembered, so that one that comes back unchanged is still news. */
const maxDeleted = 1000;

/** What the cursor holds of one document. */
export interface KnownDocument {
  /** Of the content last delivered; empty after a deletion. */
  readonly hash: string;
  /** Size and times of the file with that content; empty when they prove nothing, see {@link fingerprint}. */
  readonly fingerprint: string;
  /** How often it was seen to change: 0 when it has been the same since it was first seen. */
  readonly revision: number;
  /** The beginnings of the hashes of its former contents, the latest last. */
  readonly past: string;
  /** Absent: it came whole, or with an older release. */
  readonly sections?: KnownSections;
  /** What its sections are recognised by, where that is not its path: the document was moved. */
  readonly identity?: string;
}

/** A change to report. */
export interface Change {
  /** Set when the same was reported of this document before, and stays the same however often the change is read. */
  readonly repetition: string | undefined;
}

/** A content to report. */
export interface NewContent extends Change {
  readonly revision: number;
  readonly identity: string;
  readonly sections: KnownSections | undefined;
}

/** Stands for the content as long as nothing writes to the file. `ctime` shows what tools that keep `mtime` hide. */
export function fingerprint(stats: Stats, nowMs: number): string {
  if (Math.max(stats.mtimeMs, stats.ctimeMs) > nowMs - racyMs) return "";
  return [stats.size, stats.mtimeMs * 1000, stats.ctimeMs * 1000].map((part) => Math.round(part).toString(36)).join(".");
}

/**
 * The documents as they were last delivered, by path.
 *
 * A key of path and content alone would swallow the way back to a former content (a branch switched to and fro) and a second deletion.
 * So former states are remembered briefly, and a state that may have been reported before is distinguished by its revision.
 */
export class KnownDocuments {
  readonly #documents: Map<string, KnownDocument>;
  /** Paths of the documents that are not deleted, by the hash of their content. */
  readonly #byHash = new Map<string, Set<string>>();
  /** Paths whose letters may be composed in another way, by their composed form. */
  readonly #spellings = new Map<string, string>();
  /** Folders that were on another device than the one they lie in; the empty path is the entry's folder. */
  readonly mounts: Set<string>;
  #deleted = 0;

  constructor(documents: Iterable<readonly [string, KnownDocument]>, mounts: Iterable<string> = []) {
    this.#documents = new Map(documents);
    this.mounts = new Set(mounts);
    for (const [path, { hash }] of this.#documents) {
      if (hash === "") this.#deleted += 1;
      else this.#remember(path, hash);
    }
  }

  entries(): IterableIterator<[string, KnownDocument]> {
    return this.#documents.entries();
  }

  /** Whether a document is known that is not deleted. */
  isThere(path: string): boolean {
    return (this.#documents.get(path)?.hash ?? "") !== "";
  }

  /** How many there are that are not deleted. */
  get count(): number {
    return this.#documents.size - this.#deleted;
  }

  /** Paths of the documents that are not deleted, except those in `found`. */
  pathsBeyond(found: ReadonlySet<string>): readonly string[] {
    return [...this.#documents].filter(([path, { hash }]) => hash !== "" && !found.has(path)).map(([path]) => path);
  }

  /**
   * The path under which a document is known, when `path` is not and only the composition of its letters differs: macOS, and programs that
   * copy from it, write `ç` as a letter and its accent.
   */
  otherSpelling(path: string): string | undefined {
    if (this.isThere(path) || ascii.test(path)) return undefined;
    const spelling = this.#spellings.get(path.normalize("NFC"));
    return spelling !== undefined && spelling !== path && this.isThere(spelling) ? spelling : undefined;
  }

  /** Whether the fingerprint proves that the content is the one last delivered. */
  isCurrent(path: string, print: string): boolean {
    const known = this.#documents.get(path);
    return known !== undefined && known.hash !== "" && print !== "" && known.fingerprint === print;
  }

  /** Paths that are known with this content, except those in `found`. */
  pathsWith(hash: string, found: ReadonlySet<string>): readonly string[] {
    return [...(this.#byHash.get(hash) ?? [])].filter((path) => !found.has(path));
  }

  /** Takes a content in. `change` is undefined when it is the one last delivered; `updated` says whether anything is to be stored. */
  update(path: string, hash: string, print: string): { readonly updated: boolean; readonly change?: NewContent } {
    const known = this.#documents.get(path);
    if (known?.hash === hash) {
      this.#documents.set(path, { ...known, fingerprint: print });
      return { updated: known.fingerprint !== print };
    }
    const next = known === undefined ? { hash, fingerprint: print, revision: 0, past: "" } : advance(known, hash, print);
    if (known?.hash === "") this.#deleted -= 1;
    this.#set(path, next);
    const { revision, identity = path, sections } = next;
    const mayRepeat = revision > marksKept || next.past.includes(markOf(hash));
    return { updated: true, change: { repetition: mayRepeat ? String(revision) : undefined, revision, identity, sections } };
  }

  /** Remembers what was sent of a document that is there. */
  setSections(path: string, sections: KnownSections): void {
    const known = this.#documents.get(path);
    if (known !== undefined) this.#documents.set(path, { ...known, sections });
  }

  /**
   * Takes in that a document now lies at another path. At the old one a deletion is remembered, and another identity for a document that
   * may come to lie there: the moved one keeps its own.
   */
  move(from: string, to: string, print: string): Change {
    const known = this.#documents.get(from);
    if (known === undefined || known.hash === "") throw new Error(`${from} is not known`);
    const { repetition } = this.delete(from);
    const left = this.#documents.get(from);
    if (left !== undefined) this.#documents.set(from, { ...left, identity: `${from}@${left.revision}` });
    const there = this.#documents.get(to);
    if (there?.hash === "") this.#deleted -= 1;
    const { hash, sections, identity = from } = known;
    const next = advance(there ?? { hash: "", fingerprint: "", revision: 0, past: "" }, hash, print);
    this.#set(to, { ...next, revision: Math.max(next.revision, known.revision), identity, ...(sections && { sections }) });
    return { repetition };
  }

  /** Takes a deletion in. Its fingerprint joins the key, because a lost cursor starts the revisions again. */
  delete(path: string): Change {
    const known = this.#documents.get(path);
    if (known === undefined || known.hash === "") throw new Error(`${path} is not known`);
    const { sections, ...next } = advance(known, "", "");
    // To the end, so that the deletions lie in the order of their times.
    this.#drop(path);
    this.#documents.set(path, { ...next, ...(sections && { sections: withoutSections(sections) }) });
    this.#deleted += 1;
    this.#forgetOldDeletions();
    return { repetition: `${next.revision} ${known.hash} ${known.fingerprint}` };
  }

  /** Forgets a document that still exists but is no longer wanted. Whether it was known. */
  forget(path: string): boolean {
    return this.isThere(path) && this.#drop(path);
  }

  /** Whether that changes anything. */
  setMounts(mounts: readonly string[]): boolean {
    const isSame = mounts.length === this.mounts.size && mounts.every((mount) => this.mounts.has(mount));
    this.mounts.clear();
    for (const mount of mounts) this.mounts.add(mount);
    return !isSame;
  }

  #set(path: string, document: KnownDocument): void {
    this.#byHash.get(this.#documents.get(path)?.hash ?? "")?.delete(path);
    this.#documents.set(path, document);
    this.#remember(path, document.hash);
  }

  #drop(path: string): boolean {
    this.#byHash.get(this.#documents.get(path)?.hash ?? "")?.delete(path);
    return this.#documents.delete(path);
  }

  #remember(path: string, hash: string): void {
    const paths = this.#byHash.get(hash);
    if (paths === undefined) this.#byHash.set(hash, new Set([path]));
    else paths.add(path);
    if (!ascii.test(path)) this.#spellings.set(path.normalize("NFC"), path);
  }

  #forgetOldDeletions(): void {
    if (this.#deleted <= maxDeleted) return;
    for (const [path, { hash }] of this.#documents) {
      if (hash !== "") continue;
      this.#documents.delete(path);
      this.#deleted -= 1;
      return;
    }
  }
}

function advance(known: KnownDocument, hash: string, print: string): KnownDocument {
  const past = (known.past + markOf(known.hash)).slice(-marksKept * markLength);
  return { ...known, hash, fingerprint: print, revision: known.revision + 1, past };
}

function markOf(hash: string): string {
  return hash === "" ? deletedMark : hash.slice(0, markLength);
}
