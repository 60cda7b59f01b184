import { createHash } from "node:crypto";
import type { DocumentSection } from "./document-sections.ts";

/**
 * Joins neighbours that fit together into the part of a text that Statewave keeps as its summary: tiny sections would crowd each other out.
 *
 * A document that is too long is divided at the outermost heading, and among several of one level at the one whose words have the least hash; each half again. So where it
 * is divided depends on headings, not on lengths: an edit moves no border but those of its own group.
 */
export function groupSections(sections: readonly DocumentSection[], maxLength: number): readonly (readonly DocumentSection[])[] {
  if (sections.length <= 1 || lengthOf(sections) <= maxLength) return sections.length === 0 ? [] : [sections];
  const border = borderOf(sections);
  return [...groupSections(sections.slice(0, border), maxLength), ...groupSections(sections.slice(border), maxLength)];
}

/** Of the sections as they are joined: each behind its headings. */
function lengthOf(sections: readonly DocumentSection[]): number {
  const lengths = sections.map(({ headings, length }) => headings.join(" > ").length + ": ".length + length + 1);
  return lengths.reduce((sum, length) => sum + length, 0);
}

/** The section, never the first, that begins the second half. */
function borderOf(sections: readonly DocumentSection[]): number {
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
