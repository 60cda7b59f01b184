import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { describe, expect, it } from "vitest";
import type { DocumentSection } from "../src/episodes/document-sections.ts";
import { groupSections } from "../src/episodes/group-sections.ts";

const maxLength = 430;

/** 4 to 43 sections of two levels, of 20 to 320 characters. */
function documentOf(random: () => number, number: number): readonly DocumentSection[] {
  return Array.from({ length: 4 + Math.floor(random() * 40) }, (_, at) => {
    const headings = [...(random() < 0.3 ? ["Chapter"] : []), `Section ${number}-${at}`];
    const name = headings.join("/");
    return { id: name, headings, trail: headings, text: "", length: 20 + Math.floor(random() * 300), name, anchor: "" };
  });
}

function groupsOf(sections: readonly DocumentSection[]): readonly string[] {
  return groupSections(sections, maxLength).map((group) => group.map(({ name }) => name).join("|"));
}

describe("sections of 1,000 documents", () => {
  const random = seededRandom(1);
  const documents = Array.from({ length: 1_000 }, (_, number) => documentOf(random, number));

  it("are joined to groups of more than half of what a summary holds", () => {
    const groups = documents.flatMap((sections) => groupSections(sections, maxLength));
    const characters = documents.flat().reduce((sum, { length }) => sum + length, 0);
    expect(characters / groups.length).toBeGreaterThan(maxLength * 0.58);
  });

  it("are sent again in one or two groups when one of them becomes a fifth longer or shorter", () => {
    for (const sections of documents) {
      const before = new Set(groupsOf(sections));
      const edited = sections[Math.floor(random() * sections.length)]!;
      const factor = 0.8 + random() * 0.4;
      const after = groupsOf(
        sections.map((section) => (section === edited ? { ...section, length: Math.round(section.length * factor) } : section)),
      );
      const sent = after.filter((group) => !before.has(group) || group.split("|").includes(edited.name));
      expect(sent.length).toBeLessThanOrEqual(2);
    }
  });
});
