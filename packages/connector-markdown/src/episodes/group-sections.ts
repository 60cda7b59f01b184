import { createHash } from "node:crypto";
import type { DocumentSection } from "./document-sections.ts";

/**
 * Joins neighbours that fit together into the part of a text that Statewave keeps as its summary: tiny sections would crowd each other out.
 *
 * A document that is too long is divided at the outermost heading, and among several of one level at the one whose words have the least hash;
 * each half again. So where it is divided depends on headings, not on lengths: an edit moves no border but those of its own group.
 */
export function groupSections(sections: readonly DocumentSection[], maxLength: number): readonly Group[] {
  return joinPairs(divide(sections, maxLength), maxLength);
}

type Group = readonly DocumentSection[];

function divide(sections: Group, maxLength: number): readonly Group[] {
  if (sections.length <= 1 || lengthOf(sections) <= maxLength) return sections.length === 0 ? [] : [sections];
  const border = borderOf(sections);
  return [...divide(sections.slice(0, border), maxLength), ...divide(sections.slice(border), maxLength)];
}

/**
 * Small groups are left on both sides of the outermost borders. Each group may join the neighbour behind the outer one of its two borders, where
 * it is that of both: which one that is depends on headings alone, and an edit still moves no border of another group.
 */
function joinPairs(groups: readonly Group[], maxLength: number): readonly Group[] {
  const joined: Group[] = [];
  for (let at = 0; at < groups.length; at += 1) {
    const [group = [], next = []] = groups.slice(at, at + 2);
    const isPair = outerBorderOf(groups, at) === at + 1 && outerBorderOf(groups, at + 1) === at + 1;
    const both = [...group, ...next];
    const fits = isPair && lengthOf(both) <= maxLength;
    joined.push(fits ? both : group);
    if (fits) at += 1;
  }
  return joined;
}

/** The border before or behind a group, whichever divides the document further out: the number of the group that begins there. */
function outerBorderOf(groups: readonly Group[], at: number): number {
  const [before, behind] = [groups[at]?.[0], groups[at + 1]?.[0]];
  if (at === 0 || behind === undefined) return at === 0 ? 1 : at;
  return rankOf(before) < rankOf(behind) ? at : at + 1;
}

/** Of the sections as they are joined: each behind its headings. */
function lengthOf(sections: Group): number {
  const lengths = sections.map(({ headings, length }) => headings.join(" > ").length + ": ".length + length + 1);
  return lengths.reduce((sum, length) => sum + length, 0);
}

/** The section, never the first, that begins the second half. */
function borderOf(sections: Group): number {
  let border = 1;
  let least = rankOf(sections[1]);
  for (let at = 2; at < sections.length; at += 1) {
    const rank = rankOf(sections[at]);
    if (rank >= least) continue;
    [border, least] = [at, rank];
  }
  return border;
}

const ranks = new WeakMap<DocumentSection, string>();

function rankOf(section: DocumentSection | undefined): string {
  if (section === undefined) return "";
  const known = ranks.get(section);
  if (known !== undefined) return known;
  const level = String(section.headings.length).padStart(2, "0");
  const rank = `${level} ${createHash("sha256").update(section.name).digest("hex").slice(0, 16)}`;
  ranks.set(section, rank);
  return rank;
}
