import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repository } from "./markdown-files.ts";

const page = readFileSync(join(repository, "docs/architecture.md"), "utf8");
/** Words in backquotes that a person types. */
const commands = new Set(["show"]);
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

test("every class and function on the ways is exported by a file of the runner or of the SDK", () => {
  const ways = page.slice(page.indexOf("### Follow a pull"), page.indexOf("## The packages"));
  const names = new Set([...ways.matchAll(/`(?<name>[A-Za-z]\w+)`/g)].map((found) => found.groups?.["name"] ?? ""));
  const files = globSync("packages/{runner,connector-sdk}/src/**/*.ts", { cwd: repository });
  const sources = files.map((file) => readFileSync(join(repository, file), "utf8")).join("\n");
  const exported = new Set(
    Array.from(sources.matchAll(/^export (?:async )?(?:class|function|const) (?<name>\w+)/gm), ({ groups }) => groups?.["name"]),
  );
  expect(names.size).toBeGreaterThan(30);
  expect([...names].filter((name) => !exported.has(name) && !commands.has(name))).toEqual([]);
});

test.each([
  ["### The folders of the runner", "packages/runner/src"],
  ["### The folders of the command line", "packages/cli/src"],
])("%s has exactly those of %s", (heading, folder) => {
  const [list = ""] = page.slice(page.indexOf(heading) + heading.length).split(/^##/m);
  const listed = [...list.matchAll(/^\| `(?<folder>[\w-]+)`/gm)].map((found) => found.groups?.["folder"]);
  const entries = readdirSync(join(repository, folder), { withFileTypes: true });
  expect(listed).toEqual(
    entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .toSorted(),
  );
});
