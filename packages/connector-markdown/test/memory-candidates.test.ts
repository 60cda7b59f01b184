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

it("a long table is understood in each of its pieces", async () => {
  const rows = Array.from({ length: 40 }, (_, n) => `| TW-${n} | gate ${n} is closed | wait for hour ${n} |`);
  const table = `Codes.\n\n| code | meaning | answer |\n|------|---------|--------|\n${rows.join("\n")}\n\nBehind it.`;
  const folder = tempFolder({ "a.md": `# Errors\n\n## Codes\n\n${table}` });
  const { episodes } = await tick(openSource(folder, { split: "sections", candidates: true }));
  const texts = episodes.flatMap(({ candidates = [] }) => candidates.map(({ text }) => text));
  const pieces = texts.filter((text) => text.includes("TW-"));
  expect(pieces.length).toBeGreaterThan(1);
  for (const text of pieces) expect(text).toMatch(/^Errors > Codes: code: meaning, answer; TW-\d/);
  const shown = texts.join("\n");
  for (const row of rows.keys())
    expect(shown).toMatch(new RegExp(`TW-${row}: gate ${row} is closed, wait for hour ${row}(?:;|$| Behind)`, "m"));
  expect(shown).toMatch(/[^;] Behind it\.$/);
});

it("a table behind another one has its own head alone", async () => {
  const tableOf = (word: string, head: string) =>
    [head, "|---|---|", ...Array.from({ length: 20 }, (_, n) => `| ${word}-${n} | ${"x".repeat(15)} |`)].join("\n");
  const tables = `${tableOf("gate", "| gate | keeper |")}\n\n${tableOf("lock", "| lock | depth |")}`;
  const folder = tempFolder({ "a.md": `# Tables\n\n${tables}` });
  const { episodes } = await tick(openSource(folder, { split: "sections", candidates: true }));
  const texts = episodes.flatMap(({ candidates = [] }) => candidates.map(({ text }) => text));
  expect(texts.map((text) => text.slice(0, "Tables: gate: keeper; gate-0:".length))).toEqual([
    "Tables: gate: keeper; gate-0:",
    expect.stringMatching(/^Tables: lock: depth; lock-0:/),
  ]);
});

it("code stays between the sentences that it stands between", async () => {
  const folder = tempFolder({ "a.md": `# Dome\n\nDrive home:\n\n\`\`\`sh\ndomectl home\n\`\`\`\n\nThen look at it.` });
  const { episodes } = await tick(openSource(folder, { split: "sections", candidates: true }));
  expect(episodes[0]?.candidates?.map(({ text }) => text)).toEqual(["Dome: Drive home: domectl home Then look at it."]);
});
