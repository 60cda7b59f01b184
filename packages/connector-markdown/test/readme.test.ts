import { readFileSync } from "node:fs";
import { documentedKinds } from "@statewave-connectors/testing";
import { expect, test } from "vitest";
import { openSource, remove, tempFolder, tick } from "./temp-folder.ts";

test("the README lists exactly the kinds that come", async () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const folder = tempFolder({ "a.md": "# A", "b.md": "# B" });
  const source = openSource(folder);
  const first = await tick(source);
  remove(folder, "b.md");
  const second = await tick(source, first.cursor);
  const kinds = new Set([...first.episodes, ...second.episodes].map(({ kind }) => kind));
  expect([...kinds].toSorted()).toEqual(documentedKinds(readme));
});
