import { createHash } from "node:crypto";
import { oneLine, splitByHeadings } from "@statewave-connectors/connector-sdk/text";
import { type Document, fieldLines, shownFieldLines } from "../document/parse-document.ts";
import { joined } from "./document-episodes.ts";
import { slugOf } from "./links.ts";

/** Statewave's compilers read the first 4,000 characters of a text; the rest is left for the headline. Bytes. */
const maxSectionBytes = 3_500;

/** A section of a document; the first may be what stands before its first heading. */
export interface DocumentSection {
  /** The same as long as headings and text are, whatever happens to other sections. */
  readonly id: string;
  /** The headings below the document's title that lead here. Empty for the document's beginning. */
  readonly headings: readonly string[];
  /** These as they are shown: without one that repeats the title in other signs. */
  readonly trail: readonly string[];
  /** As it is shown. Empty where it says nothing to readers. */
  readonly text: string;
  /** Of what identifies it, with single spaces. Not of what is shown: a better form of that must not divide documents in other places. */
  readonly length: number;
  /** What it is called in its document, e.g. `going-back/customers`; repeated headings are numbered. Empty for the document's beginning. */
  readonly name: string;
  /** The anchor of its heading. */
  readonly anchor: string;
  readonly part?: { readonly number: number; readonly of: number };
}

/** The sections of a document, with what its frontmatter says in the first. There is at least one. */
export function documentSections(document: Document): readonly DocumentSection[] {
  const { title, hasOwnTitle, frontmatter, body } = document;
  const idOf = (words: string) => hashOf(JSON.stringify([hasOwnTitle ? title : "", words]));
  const split = splitByHeadings(body, { path: "", maxBytes: maxSectionBytes }).map(({ breadcrumb, id, text, part }) => ({
    headings: withoutTitle(breadcrumb, title),
    id,
    text,
    part,
  }));
  const firstHeading = split.findIndex(({ headings, part }) => headings.length > 0 || part !== undefined);
  const beginning = split.slice(0, firstHeading === -1 ? split.length : firstHeading);
  const rest = split.slice(beginning.length);
  const words = [frontmatter.description, ...beginning.map(({ text }) => text)];
  const own = joined([...words, fieldLines(frontmatter).join("\n")]);
  const shown = joined([...words, shownFieldLines(frontmatter).join("\n")]);
  const first = own === "" && rest.length === 0 ? "(empty document)" : own;
  const within = { title, names: new SectionNames() };
  return [
    ...(first === ""
      ? []
      : [toSection({ headings: [], id: idOf(first), text: first }, within, rest.length === 0 ? first : shown)]),
    ...rest.map((section) => toSection({ ...section, id: idOf(section.id) }, within)),
  ];
}

type Unnamed = Pick<DocumentSection, "headings" | "id" | "text"> & { readonly part?: DocumentSection["part"] | undefined };

interface Within {
  readonly title: string;
  readonly names: SectionNames;
}

/** `shown`: where that is not all of what identifies it. */
function toSection({ part, ...section }: Unnamed, { title, names }: Within, shown = section.text): DocumentSection {
  const { headings } = section;
  const [first = "", ...others] = headings;
  return {
    ...section,
    trail: areAlike(first, title) ? others : headings,
    ...names.of(headings, part?.number ?? 1),
    text: shown,
    length: oneLine(section.text).length,
    ...(part === undefined ? {} : { part }),
  };
}

/** A heading that is the document's title is no section of it. */
function withoutTitle([first, ...others]: readonly string[], title: string): readonly string[] {
  if (first === undefined) return [];
  return first.toLowerCase() === title.toLowerCase() ? others : [first, ...others];
}

/** Whether two headings differ in spaces, punctuation and capitals alone: `KubeAPIDown` and `Kube API Down`. */
function areAlike(left: string, right: string): boolean {
  const [one, other] = [left, right].map((text) => text.toLowerCase().replaceAll(/\uFE0F|[^\p{L}\p{M}\p{N}+#]/gu, ""));
  return one !== "" && one === other;
}

/** Names of the sections of one document. */
class SectionNames {
  readonly #counts = new Map<string, number>();
  #last = { name: "", anchor: "" };

  /** A further part of a section has its name. */
  of(headings: readonly string[], part: number): { readonly name: string; readonly anchor: string } {
    if (part > 1) return this.#last;
    const path = headings.map((heading) => slugOf(heading) || "section").join("/");
    const anchor = slugOf(headings.at(-1) ?? "");
    this.#last = { name: this.#numbered(`/${path}`).slice(1), anchor: this.#numbered(anchor) };
    return this.#last;
  }

  #numbered(name: string): string {
    const count = this.#counts.get(name) ?? 0;
    this.#counts.set(name, count + 1);
    return count === 0 || name === "" || name === "/" ? name : `${name}-${count}`;
  }
}

/** What identifies words in a document: 132 bits. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}
