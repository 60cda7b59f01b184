import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runHere } from "../run-here.ts";

const files = '[runner.state]\nkind = "file"\n';
const isFileOf = (table: string, name: string) => `is a file of [runner.${table}]: FOLDER/var/${name}`;

test.each([
  ["the default file of the state", `${files}[runner.inbox]\npath = "var/cursors.json"\n`, isFileOf("state", "cursors.json")],
  ["the lock of the state", `${files}[runner.inbox]\npath = "var/cursors.json.lock"\n`, isFileOf("state", "cursors.json.lock")],
  ["the default file of the inbox", `${files}path = "./var/inbox.sqlite"\n`, isFileOf("inbox", "inbox.sqlite")],
  ["a file beside the state, as the episodes", files, "names a file of [runner.state]", "file:var/cursors.json.records"],
  ["the default file of the inbox, as the episodes", files, "names a file of [runner.inbox]", "file:var/inbox.sqlite"],
])("a configuration that uses %s twice is refused", async (_title, tables, said, url = "file:episodes.jsonl") => {
  const folder = await mkdtemp(join(tmpdir(), "cli-one-file-"));
  const configure = (state: string, sink: string) =>
    writeFile(
      join(folder, "statewave-connectors.toml"),
      `[statewave]\nurl = "${sink}"\n[runner]\nstate_dir = "./var"\n${state}[[pull.markdown]]\nname = "docs"\nschedule = "every 1h"\npath = "."\n`,
    );
  try {
    await configure(tables, url);
    const { code, stderr } = await runHere(folder, ["validate-config"]);
    expect(code).toBe(3);
    expect(stderr).toContain(said.replace("FOLDER", folder));
    expect(stderr).toContain("name another file");
    await configure(files, "file:episodes.jsonl");
    expect((await runHere(folder, ["validate-config"])).code).toBe(0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
