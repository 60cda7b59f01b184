import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as v from "valibot";
import { MarkdownPull } from "../src/pull-options.ts";
import { openSource, tempFolder } from "./temp-folder.ts";

describe("options", () => {
  it("default to every Markdown file, in sections", () => {
    expect(v.parse(MarkdownPull, { path: "docs" })).toEqual({
      path: "docs",
      include: ["**/*.md", "**/*.markdown"],
      exclude: [],
      split: "sections",
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["no path", {}, "path"],
    ["an empty path", { path: "" }, "length"],
    ["another way to split", { path: ".", split: "pages" }, '"sections" or "document"'],
    ["an address that is none", { path: ".", base_url: "docs.example.com" }, "base_url is an http or https URL"],
    ["no pattern at all", { path: ".", include: [] }, "must name a pattern"],
    ["an empty pattern", { path: ".", include: [""] }, "relative to `path`"],
    ["a negated pattern", { path: ".", include: ["!a.md"] }, "goes into `exclude`"],
    ["an absolute pattern", { path: ".", exclude: ["/etc/**"] }, "relative to `path`"],
    ["a pattern that climbs out", { path: ".", include: ["../*.md"] }, "relative to `path`"],
    ["a pattern that climbs out midway", { path: ".", include: ["a/../../*.md"] }, "relative to `path`"],
  ])("refuse %s", (_, entry, words) => {
    const { issues } = v.safeParse(MarkdownPull, entry);
    expect(issues?.map((issue) => issue.message).join()).toContain(words);
  });
});

describe("check", () => {
  const { signal } = new AbortController();

  it("counts the documents that match", async () => {
    const folder = tempFolder({ "a.md": "a", "b/c.md": "c", "d.txt": "d" });
    expect(await openSource(folder).check!(signal)).toEqual([{ ok: true, message: `2 documents match in ${folder}` }]);
  });

  it("names the patterns when nothing matches", async () => {
    const results = await openSource(tempFolder({ "d.txt": "d" })).check!(signal);
    expect(results).toEqual([{ ok: false, message: expect.stringContaining("check `include`") }]);
  });

  it("names a folder that is not there", async () => {
    const folder = tempFolder();
    const results = await openSource(folder, { path: "missing" }).check!(signal);
    expect(results).toMatchObject([
      {
        ok: false,
        message: expect.stringContaining(join(folder, "missing")),
        error: { code: expect.stringMatching(/^MARKDOWN_/) },
      },
    ]);
  });
});
