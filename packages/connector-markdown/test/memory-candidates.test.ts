import { renameSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openSource, remove, tempFolder, tick, write } from "./temp-folder.ts";

/** About 400 characters: two of them do not fit into one summary. */
const long = (word: string) => Array.from({ length: 50 }, (_, n) => `${word}${n}`).join(" ");

it("what ended is a fact, whether a section, a place or a document", async () => {
  const gates = `# Gates\n\n${long("gate")}\n\n## East\n\n${long("east")}`;
  const folder = tempFolder({ "a.md": gates, "b.md": `# Tides\n\n${long("tide")}`, "c.md": `# Locks\n\n${long("lock")}` });
  const source = openSource(folder, { split: "sections", candidates: true });
  const { cursor } = await tick(source);
  write(folder, "a.md", gates.slice(0, gates.indexOf("## East")));
  remove(folder, "b.md");
  renameSync(join(folder, "c.md"), join(folder, "locks.md"));
  const { episodes } = await tick(source, cursor);
  expect(
    episodes.map(({ kind, text, candidates }) => [kind, candidates?.map((each) => each.kind), candidates?.[0]?.text === text]),
  ).toEqual([
    ["markdown.section.removed", ["domain_fact"], true],
    ["markdown.document.moved", ["domain_fact"], true],
    ["markdown.document.deleted", ["domain_fact"], true],
  ]);
});
