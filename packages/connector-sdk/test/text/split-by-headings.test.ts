import { describe, expect, test } from "vitest";
import { splitByHeadings } from "../../src/text/index.ts";

const split = (document: string, options = {}) => splitByHeadings(document, { path: "docs/a.md", ...options });
const outline = (document: string) => split(document).map(({ breadcrumb, text }) => [breadcrumb.join(" > "), text]);

describe("a document", () => {
  test("becomes a section for each heading with text of its own", () => {
    expect(outline("before\n\n# One\nfirst\n\n## Deep\nsecond\n\n# Empty\n\n### Far\nthird\n\n## Near\nfourth")).toEqual([
      ["", "before"],
      ["One", "first"],
      ["One > Deep", "second"],
      ["Empty > Far", "third"],
      ["Empty > Near", "fourth"],
    ]);
  });

  test.each([
    ["# One\nx", "One"],
    ["   # One #\nx", "One"],
    ["# One {#anchor}\nx", "One"],
    ["# C#\nx", "C#"],
    ["One\n===\nx", "One"],
    ["One\nline\n---\nx", "One line"],
    ['# [One]({{< ref "one.md" >}})\nx', '[One]({{< ref "one.md" >}})'],
    ["# **One** and [two](https://x.example)\nx", "One and two"],
    ['<h1 align="center">One &amp; <b>two</b></h1>\nx', "One & two"],
    ["# One\r\nx", "One"],
  ])("has the heading of %j", (document, heading) => {
    expect(outline(document)).toEqual([[heading, "x"]]);
  });

  test.each([
    ["a comment in code", "```sh\n# install\n```"],
    ["a heading between tildes", "~~~~\n~~~\n# no\n~~~~"],
    ["a heading in a comment", "<!--\n# no\n-->"],
    ["a tag", "#hashtag"],
    ["a sign alone", "#\n\n##"],
    ["seven signs", "####### no"],
    ["indented code", "    # no"],
    ["a rule behind an empty line", "text\n\n---"],
    ["a rule behind a list", "- item\n---"],
    ["a rule behind a quotation", "> said\n---"],
    ["a table", "| a |\n---"],
    ["a paragraph above a rule", "one\ntwo\nthree\n---"],
  ])("is not divided by %s", (_, document) => {
    expect(outline(document)).toEqual([["", document]]);
  });

  test.each(["Open it with `<!--`.", "see <!-- later"])(
    "is divided behind the beginning of a comment that is text: %s",
    (text) => {
      expect(outline(`${text}\n\n# One\nx`)).toEqual([
        ["", text],
        ["One", "x"],
      ]);
    },
  );

  test("without a word has no section", () => {
    expect(split("")).toEqual([]);
    expect(split("# One\n\n## Two\n\n")).toEqual([]);
  });
});

describe("the id of a section", () => {
  const document = "# One\nfirst\n\n# Two\nsecond\n\n# Three\nthird";
  const idsOf = (text: string, options = {}) =>
    new Map(split(text, options).map(({ breadcrumb, id }) => [breadcrumb.join(), id]));

  test("stays when other sections are edited, added, removed or moved", () => {
    const id = idsOf(document).get("Two");
    for (const edited of [
      document.replace("first", "another first"),
      `# Zero\nnew\n\n${document}`,
      "# Two\nsecond",
      "# Three\nthird\n\n# Two\nsecond\n\n# One\nfirst",
      document.replaceAll("\n", "\r\n"),
    ]) {
      expect(idsOf(edited).get("Two")).toBe(id);
    }
  });

  test("changes with its text, its headings and the path", () => {
    const ids = [
      idsOf(document).get("Two"),
      idsOf(document.replace("second", "2nd")).get("Two"),
      idsOf(`# Zero\n${document.replaceAll("# ", "## ")}`).get("Zero,Two"),
      idsOf(document, { path: "docs/b.md" }).get("Two"),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  test("is unique, also among sections that repeat each other", () => {
    const sections = split("# Log\n## Fixed\nsame\n## Fixed\nsame\n## Fixed\nother");
    expect(new Set(sections.map(({ id }) => id)).size).toBe(3);
  });
});

describe("a long section", () => {
  const paragraphs = Array.from({ length: 50 }, (_, n) => `Paragraph ${n} `.repeat(20).trim());

  test("comes in parts that lose nothing and end between paragraphs", () => {
    const sections = split(`# Long\n${paragraphs.join("\n\n")}`, { maxBytes: 2_000 });
    expect(sections.length).toBeGreaterThan(5);
    expect(sections.map(({ text }) => text).join("\n\n")).toBe(paragraphs.join("\n\n"));
    expect(sections.map(({ part }) => part)).toEqual(sections.map((_, index) => ({ number: index + 1, of: sections.length })));
    for (const { text, breadcrumb } of sections) {
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2_000);
      expect(breadcrumb).toEqual(["Long"]);
    }
  });

  test("is divided between characters when it is a single line", () => {
    const sections = split(`# Long\n${"💥ü".repeat(2_000)}`, { maxBytes: 1_000 });
    expect(sections.map(({ text }) => text).join("")).toBe("💥ü".repeat(2_000));
  });

  test("is divided between words where it can be", () => {
    const words = Array.from({ length: 2_000 }, (_, n) => `word${n}`);
    const sections = split(`# Long\n${words.join(" ")}`, { maxBytes: 1_000 });
    expect(sections.flatMap(({ text }) => text.split(" "))).toEqual(words);
  });

  test("keeps a block of code together where it fits", () => {
    const code = `\`\`\`\n${"line\n\n".repeat(20)}\`\`\``;
    const sections = split(`${"word ".repeat(180)}\n\n${code}`, { maxBytes: 1_000 });
    expect(sections.map(({ text }) => text)).toContain(code);
  });

  test("has a part for what is behind the last heading that counts", () => {
    const sections = split("# a\nb\n\n".repeat(1_000), { maxSections: 10 });
    expect(sections).toHaveLength(11);
    expect(sections.at(-1)?.text.match(/# a/g)).toHaveLength(989);
  });
});

test("very many headings, fences, comments or underlines is split in one pass", () => {
  for (const document of [
    "# a\nb\n".repeat(40_000),
    "```\n".repeat(60_000),
    "<!--\n".repeat(60_000),
    "a\n=\n".repeat(60_000),
    "~".repeat(300_000),
  ]) {
    expect(split(document).length).toBeLessThanOrEqual(2_100);
  }
});
