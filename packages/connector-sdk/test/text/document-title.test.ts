import { expect, test } from "vitest";
import { documentTitle, splitByHeadings } from "../../src/text/index.ts";

test.each<[string, string, string | undefined]>([
  ["a heading", "# Set up ##\n\nBody", "Set up"],
  ["a heading without text", "# Set up", "Set up"],
  ["an underlined heading", "Set up\n======\n\nBody", "Set up"],
  ["markup in a heading", "# **Set** [up](https://x.example) `now`", "Set up now"],
  ["a heading of HTML", "<h1>Set &amp; go</h1>\n\nBody", "Set & go"],
  ["a centred heading of HTML", '<div align="center"><h1 align="center">Widgets</h1></div>', "Widgets"],
  [
    "a heading of HTML on several lines",
    '<h1 align="center">\n  <img src="a.svg" alt="logo"><br>\n  Widgets\n</h1>\n\nBody',
    "Widgets",
  ],
  ["a heading of HTML that is an image", '<h1><img src="a.svg" alt="Widgets"></h1>', "Widgets"],
  ["a heading behind badges", "[![a](https://x.example/a.svg)](https://x.example)\n\n# Widgets\nx", "Widgets"],
  ["a heading behind another level", "## News\nx\n\n# Widgets\nx", "Widgets"],
  ["the only heading of the outermost level", "## Widgets\n\nx\n\n### Use\nx", "Widgets"],
  ["several of the outermost level", "## Install\nx\n\n## Use\nx", undefined],
  ["a section behind a text", "Some text.\n\n## Use\nx", undefined],
  ["a comment in code", "```sh\n# install\n```", undefined],
  ["a heading of HTML that does not end", `<h1>Widgets\n${"x\n".repeat(40)}`, undefined],
  ["nothing", "", undefined],
])("the title of a document: %s", (_, document, title) => {
  expect(documentTitle(document)).toBe(title);
});

test("a heading of HTML on several lines divides a document", () => {
  const sections = splitByHeadings("<h1>\nOne\n</h1>\nfirst\n\n## Two\nsecond", { path: "a.md" });
  expect(sections.map(({ breadcrumb, text }) => [breadcrumb.join(" > "), text])).toEqual([
    ["One", "first"],
    ["One > Two", "second"],
  ]);
});

test("a heading of HTML that does not end keeps its text", () => {
  const [section] = splitByHeadings("<h1>\nOne\n\n```\ncode\n```\nlast", { path: "a.md" });
  expect(section?.text).toBe("<h1>\nOne\n\n```\ncode\n```\nlast");
});
