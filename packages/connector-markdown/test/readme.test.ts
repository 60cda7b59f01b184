import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { documentedKinds } from "@statewave-connectors/testing";
import { expect, test } from "vitest";
import { openSource, remove, tempFolder, tick, write } from "./temp-folder.ts";

test("the README lists exactly the kinds that come", async () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const kinds = new Set<string>();
  for (const split of ["document", "sections"]) {
    const folder = tempFolder({ "a.md": "# A\n\none\n\n## B\n\ntwo", "b.md": "# B", "c.md": "# C" });
    const source = openSource(folder, { split });
    let { episodes, cursor } = await tick(source);
    for (const { kind } of episodes) kinds.add(kind);
    write(folder, "a.md", "# A\n\none");
    remove(folder, "b.md");
    renameSync(join(folder, "c.md"), join(folder, "d.md"));
    ({ episodes, cursor } = await tick(source, cursor));
    for (const { kind } of episodes) kinds.add(kind);
  }
  expect([...kinds].toSorted()).toEqual(documentedKinds(readme));
});
