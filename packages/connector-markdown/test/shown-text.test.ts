import { describe, expect, it } from "vitest";
import { openSource, tempFolder, tick } from "./temp-folder.ts";

/** Two of them do not fit into one summary. */
const long = (word: string) => Array.from({ length: 50 }, (_, n) => `${word}${n}`).join(" ");

async function episodesOf(content: string, entry: Record<string, unknown>, path: string) {
  return (await tick(openSource(tempFolder({ [path]: content }), { split: "sections", ...entry }))).episodes;
}

describe("what a section shows", () => {
  it("is no setting of a program, and there is no episode where nothing else stands before the headings", async () => {
    const content = `---\ntitle: T\nweight: 20\n---\n\n## One\n\n${long("one")} ${long("two")}`;
    const episodes = await episodesOf(content, {}, "a.md");
    expect(episodes.map(({ source, text }) => [source.id, text.includes("weight")])).toEqual([["a.md#one", false]]);
    expect(episodes[0]?.metadata).toMatchObject({ frontmatter: { weight: "20" } });
    const alone = await episodesOf("---\ntitle: T\nredirect_to: https://x.example/\n---\n", {}, "a.md");
    expect(alone.map(({ text }) => text)).toEqual(["T (a.md)\nredirect_to: https://x.example/"]);
  });

  it("is not a heading that repeats the title in other signs", async () => {
    const content = `---\ntitle: Kube API Down\n---\n# KubeAPIDown\n\nA pager.\n\n## Meaning\n\n${long("meaning")}`;
    const [, meaning] = await episodesOf(content, { candidates: true }, "a.md");
    expect(meaning).toMatchObject({ title: "Meaning", breadcrumb: "Kube API Down > Meaning" });
    expect(meaning?.text).toMatch(/^Kube API Down: Meaning \(a\.md\)\nmeaning0 /);
    expect(meaning?.candidates?.[0]?.text).toMatch(/^Kube API Down > Meaning: meaning0 /);
  });

  it.each([
    ["C", "C++"],
    ["काम", "कम"],
  ])("is a heading that differs from the title in more than punctuation: %s and %s", async (title, heading) => {
    const [section] = await episodesOf(`---\ntitle: ${title}\n---\n\n## ${heading}\n\nWords.`, {}, "a.md");
    expect(section).toMatchObject({ title: heading, breadcrumb: `${title} > ${heading}` });
  });

  it("is the words of links that another section defines, and no definition that another section uses", async () => {
    const content = `# T\n\n## One\n\nFill in [the form][f], or [f]. ${long("one")}\n\n## Two\n\nIt is short. ${long("two")}\n\n[f]: https://forms.example/a\n`;
    const [one, two] = await episodesOf(content, {}, "a.md");
    expect(one?.text).toContain("\nFill in the form (https://forms.example/a), or f (https://forms.example/a). one0 ");
    expect(two?.text).toMatch(/two49$/);
  });

  it("has all words of a group among the first 500 characters, however long its path is", async () => {
    const text = Array.from({ length: 60 }, (_, n) => `## Port ${n}\n\nGate ${n} is open.`).join("\n\n");
    const path = "general-information-and-resources/employees/harbour/ports-of-the-coast.md";
    const kept = (await episodesOf(`# Ports\n\n${text}`, {}, path)).map((episode) => episode.text.slice(0, 500)).join("\n");
    for (let n = 0; n < 60; n += 1) expect(kept).toContain(`Gate ${n} is open.`);
  });
});
