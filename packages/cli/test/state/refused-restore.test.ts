import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runHere } from "../run-here.ts";

/** A folder with a configuration and a back-up of its state. */
async function backedUp(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "cli-restore-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  configure(folder, "state");
  expect(await runHere(folder, ["backup", "copy"])).toMatchObject({ code: 0 });
  return folder;
}

function configure(folder: string, stateDir: string): void {
  writeFileSync(
    join(folder, "statewave-connectors.toml"),
    `
[statewave]
url = "file:./episodes.jsonl"
[runner]
port = 0
state_dir = "${stateDir}"
state = { kind = "file" }
inbox = { kind = "file" }
[[pull.markdown]]
name = "docs"
schedule = "0 0 1 1 *"
path = "."
`,
  );
}

test("a restore into a folder that cannot be written says so in a sentence, with what to do", async () => {
  const folder = await backedUp();
  configure(folder, "statewave-connectors.toml/state");
  const { code, stderr } = await runHere(folder, ["restore", "copy", "--yes"]);
  expect(code).toBe(4);
  expect(stderr).toMatch(
    /^error: the state folder \S+ cannot be written: ENOTDIR.*\[STORE_UNWRITABLE\]\nhint: run the command as/,
  );
  expect(stderr).not.toContain("    at ");
});

test("a folder that does not exist is not called an unfinished back-up", async () => {
  const folder = await backedUp();
  const { code, stderr } = await runHere(folder, ["restore", "nowhere", "--yes"]);
  expect(code).toBe(4);
  expect(stderr).toBe(
    `error: there is no folder ${join(folder, "nowhere")} [STORE_BACKUP_INVALID]\nhint: name the folder of another back-up; nothing was changed\n`,
  );
});

test("a back-up that cannot be read is not called an unfinished one", async () => {
  const folder = await backedUp();
  rmSync(join(folder, "copy/backup.json"));
  mkdirSync(join(folder, "copy/backup.json"));
  const unreadable = await runHere(folder, ["restore", "copy", "--yes"]);
  expect(unreadable).toMatchObject({ code: 4, stderr: expect.stringMatching(/copy cannot be read: EISDIR/) });
  rmSync(join(folder, "copy/backup.json"), { recursive: true });
  const unfinished = await runHere(folder, ["restore", "copy", "--yes"]);
  expect(unfinished).toMatchObject({ code: 4, stderr: expect.stringContaining("backup.json is missing or no JSON") });
});

test.runIf(process.getuid?.() !== 0)("a back-up of another user is named as one that may not be read", async () => {
  const folder = await backedUp();
  chmodSync(join(folder, "copy/backup.json"), 0);
  const { stderr } = await runHere(folder, ["restore", "copy", "--yes"]);
  expect(stderr).toContain("copy cannot be read: EACCES");
});
