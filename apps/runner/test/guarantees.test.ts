import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const page = new URL("../../../docs/guarantees.md", import.meta.url);
const linkToTest = /\[([^\]]+)\]\(([^)]+\.ts)\)/g;

it("docs/guarantees.md names only tests that exist", () => {
  const links = [...readFileSync(page, "utf8").matchAll(linkToTest)].map(([, title, path]) => ({ title: title!, path: path! }));
  // A link to this file goes by its name.
  const promises = links.filter(({ title, path }) => !path.endsWith(`/${title}`));
  const broken = promises.filter(({ title, path }) => !readFileSync(new URL(path, page), "utf8").includes(`"${title}"`));
  expect(promises.length).toBeGreaterThan(40);
  expect(broken).toEqual([]);
});
