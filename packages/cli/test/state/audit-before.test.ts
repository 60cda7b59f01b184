import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runHere } from "../run-here.ts";

const source = "markdown/docs";
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cli-audit-"));
  await configure("one");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Each sink is another server, each place another state. */
async function configure(sink: string, place = "statewave-connectors"): Promise<void> {
  const head = `[statewave]\nurl = "file:./${sink}.jsonl"\n[runner.state]\nkind = "file"\npath = "./${place}/cursors.json"\n`;
  const entry = '[[pull.markdown]]\nname = "docs"\nschedule = "every 1h"\npath = "."\n';
  await writeFile(join(folder, `${place}.toml`), head + entry);
}

const run = (...args: readonly string[]) => runHere(folder, args);
const setCursor = (cursor: string, ...rest: readonly string[]) =>
  run("state", "set", source, cursor, "--yes", "--force", ...rest);

async function latestAction(...rest: readonly string[]): Promise<unknown> {
  const { stdout } = await run("audit", "--limit", "1", "--json", ...rest);
  return JSON.parse(stdout);
}

test("the audit log has the cursors that a reset forgot", async () => {
  await setCursor("mine");
  await run("state", "reset", source, "--yes");
  const before = { cursors: [{ source, cursor: "mine" }] };
  expect(await latestAction()).toMatchObject({ command: "state reset", before, after: { reset: [source] } });
  await setCursor("other");
  await run("state", "reset", "--all", "--yes");
  expect(await latestAction()).toMatchObject({ before: { cursors: [{ source, cursor: "other" }] } });
});

test("the audit log has the server that an adopted cursor belonged to", async () => {
  await writeFile(join(folder, "page.md"), "# A page\n\nWith a sentence.\n");
  await run("sync", source);
  await configure("two");
  await run("state", "adopt", "--yes");
  const sinks = [expect.stringContaining("one.jsonl")];
  expect(await latestAction()).toMatchObject({
    command: "state adopt",
    before: { cursors_of: [{ source, sinks }] },
    after: { adopted: [source], sink: expect.stringContaining("two.jsonl") },
  });
});

test("the audit log has the cursors that an import and a copy replaced, cut to a size that it keeps", async () => {
  const long = "x".repeat(50_000);
  await setCursor(long);
  const sources = [{ source, cursor: "imported" }];
  await writeFile(join(folder, "export.json"), JSON.stringify({ version: 1, sources }));
  await run("state", "import", "export.json", "--yes", "--force");
  const before = { cursors: [{ source, cursor: "x".repeat(1_200) }] };
  expect(await latestAction()).toMatchObject({ command: "state import", before, after: { sources: 1 } });
  await configure("one", "other");
  const other = ["--config", "other.toml"];
  await setCursor("of the other", ...other);
  await run("state", "copy", "--from", "statewave-connectors.toml", "--to", "other.toml", "--yes", "--force");
  const replaced = { cursors: [{ source, cursor: "of the other" }] };
  expect(await latestAction(...other)).toMatchObject({ command: "state copy", before: replaced });
});

test("the audit log has how many stored values there were, and none of them", async () => {
  const stored = { scope: `secret/pull/${source}`, key: "refresh-token", value: '{"v":1,"plain":"t0ken"}' };
  await writeFile(join(folder, "export.json"), JSON.stringify({ version: 1, sources: [], records: [stored] }));
  await run("state", "import", "export.json", "--with-secrets", "--yes");
  await run("state", "delete-secrets", source, "--yes");
  const action = await latestAction();
  expect(action).toMatchObject({ command: "state delete-secrets", before: { stored: 1 }, after: { deleted: 1 } });
  expect(JSON.stringify(action)).not.toContain("t0ken");
});

test("audit shows what was before and after; a terminal shows both cut to its width", async () => {
  await setCursor("a long cursor that does not fit into a column");
  await setCursor("another long cursor that does not fit");
  const { stdout } = await run("audit");
  const [title, row] = stdout.split("\n");
  expect(title).toMatch(/^WHEN +WHO +COMMAND +OUTCOME +ON +REASON +BEFORE +AFTER$/);
  expect(row).toMatch(/ {2}\{"cursor":"a long cursor that does not fit into a column"\} {2}\{"cursor":"another long cursor/);
  let shown = "";
  const narrow = { isTTY: true, columns: 160, write: (text: string) => void (shown += text) };
  await runHere(folder, ["audit"], { stdout: narrow });
  expect(shown).toMatch(/ \{"cursor":"a [^ ]*.*… {2}\{"cursor":"an.*…\n/);
  expect(Math.max(...shown.split("\n").map((line) => line.length))).toBeLessThanOrEqual(160);
});
