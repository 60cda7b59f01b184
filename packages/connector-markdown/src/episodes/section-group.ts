import { type DocumentLinks, foldWords } from "@statewave-connectors/connector-sdk/text";
import { type DocumentSection, hashOf } from "./document-sections.ts";
import { groupSections } from "./group-sections.ts";

/** Sections that come as one episode; mostly it is one. */
export interface SectionGroup {
  readonly id: string;
  /** The headings that are common to all. */
  readonly headings: readonly string[];
  readonly members: readonly [DocumentSection, ...DocumentSection[]];
}

/** The groups of at most `maxLength` characters on one line, and longer sections alone. */
export function toGroups(sections: readonly DocumentSection[], maxLength: number): readonly SectionGroup[] {
  return groupSections(sections, maxLength).map((members) => toGroup(members));
}

function toGroup(sections: readonly DocumentSection[]): SectionGroup {
  const [first, ...others] = sections;
  if (first === undefined) throw new RangeError("a group holds a section");
  const differing = first.trail.findIndex((heading, at) => others.some(({ trail }) => trail[at] !== heading));
  const headings = differing === -1 ? first.trail : first.trail.slice(0, differing);
  const id = others.length === 0 ? first.id : hashOf(sections.map((section) => section.id).join(" "));
  return { id, headings, members: [first, ...others] };
}

/** The sections of a group on one line, each behind the headings that it does not share. */
export function joinedText({ headings: shared, members }: SectionGroup, links: DocumentLinks): string {
  return members
    .filter(({ text }) => text !== "")
    .map(({ trail, text }) => {
      const own = trail.slice(shared.length).join(" > ");
      return `${own === "" ? "" : `${own}: `}${foldWords(text, links)}`;
    })
    .join(" ");
}
