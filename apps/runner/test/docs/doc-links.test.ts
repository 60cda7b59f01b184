import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { markdownFiles, proseLines, repository } from "./markdown-files.ts";

const link = /\]\((?<target>[^)\s]+)\)/g;

/** The anchors that GitHub gives the headings of a page. */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const line of proseLines(text)) {
    const heading = /^#{1,6} (?<title>.*)$/.exec(line.text)?.groups?.["title"];
    if (heading === undefined) continue;
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const anchor = plain.replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
    for (let copy = 0; ; copy += 1) {
      const name = copy === 0 ? anchor : `${anchor}-${copy}`;
      if (anchors.has(name)) continue;
      anchors.add(name);
      break;
    }
  }
  return anchors;
}

function faultsOf(path: string, text: string): readonly string[] {
  return proseLines(text).flatMap(({ line, text: prose }) =>
    [...prose.matchAll(link)].flatMap((found) => {
      const target = found.groups?.["target"] ?? "";
      if (/^[a-z]+:/i.test(target)) return [];
      const [file = "", anchor] = target.split("#");
      const full = file === "" ? join(repository, path) : join(repository, dirname(path), decodeURIComponent(file));
      if (!existsSync(full)) return [`${path}:${line} leads to no file: ${target}`];
      if (anchor === undefined || statSync(full).isDirectory()) return [];
      return anchorsOf(readFileSync(full, "utf8")).has(anchor) ? [] : [`${path}:${line} leads to no heading: ${target}`];
    }),
  );
}

test("every link inside the repository leads to a file and a heading that exist", () => {
  expect([...markdownFiles()].flatMap(([path, text]) => faultsOf(path, text))).toEqual([]);
});

test.each([
  ["[a](docs/no-such-page.md)", "leads to no file"],
  ["[a](README.md#no-such-heading)", "leads to no heading"],
])("a link that leads nowhere is found: %s", (text, fault) => {
  expect(faultsOf("README.md", text)).toEqual([expect.stringContaining(fault)]);
});

test.each(["[a](README.md#try-it)", "[a](https://example.com/x#y)", "`[a](nowhere.md)`".replaceAll("`", "```\n")])(
  "a good link passes: %j",
  (text) => {
    expect(faultsOf("README.md", `# Read me\n\n${text}`)).toEqual([]);
  },
);
