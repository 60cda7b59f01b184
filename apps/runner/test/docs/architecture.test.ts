import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repository } from "./markdown-files.ts";

const page = readFileSync(join(repository, "docs/architecture.md"), "utf8");
const pictures = [...page.matchAll(/```mermaid\n(?<source>[^]*?)```/g)].map((found) => found.groups?.["source"] ?? "");

/** The files that the boxes of the pictures name, below `packages/`. */
function filesIn(source: string): readonly string[] {
  return [...source.matchAll(/<br>(?<file>[\w./-]+)"/g)].map((found) => found.groups?.["file"] ?? "");
}

test("every file that a picture names exists", () => {
  const files = pictures.flatMap(filesIn);
  expect(files.length).toBeGreaterThan(12);
  expect(files.filter((file) => !existsSync(join(repository, "packages", file)))).toEqual([]);
});

test("every arrow of a picture joins boxes that it declares", () => {
  const [picture = ""] = pictures;
  const declared = new Set([...picture.matchAll(/^\s*(?<box>\w+)\["/gm)].map((found) => found.groups?.["box"]));
  const arrows = picture.split("\n").filter((line) => line.includes("--"));
  const joined = arrows.flatMap((line) => line.replaceAll(/"[^"]*"/g, "").match(/\w+/g) ?? []);
  expect(new Set(joined)).toEqual(declared);
});

test("every class and function of the two ways stands in the code", () => {
  const ways = page.slice(page.indexOf("### Follow a pull"), page.indexOf("## The packages"));
  const names = new Set([...ways.matchAll(/`(?<name>\w+)`/g)].map((found) => found.groups?.["name"] ?? ""));
  const sources = pictures.flatMap(filesIn).map((file) => readFileSync(join(repository, "packages", file), "utf8"));
  expect(names.size).toBeGreaterThan(8);
  expect([...names].filter((name) => !sources.some((source) => source.includes(name)))).toEqual([]);
});

test("the list of the runner's folders has exactly those that there are", () => {
  const list = page.slice(page.indexOf("### The folders of the runner"), page.indexOf("## Why it is so"));
  const listed = [...list.matchAll(/^\| `(?<folder>[\w-]+)`/gm)].map((found) => found.groups?.["folder"]);
  const entries = readdirSync(join(repository, "packages/runner/src"), { withFileTypes: true });
  expect(listed).toEqual(
    entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .toSorted(),
  );
});
