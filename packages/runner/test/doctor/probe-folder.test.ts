import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { probeFolder } from "../../src/doctor/probe-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "probe-folder-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a folder behind a symbolic link that leads nowhere cannot be made", async () => {
  const link = join(folder, "disk");
  symlinkSync(join(folder, "not-mounted"), link);
  for (const path of [link, join(link, "state"), join(link, "state", "deeper")]) {
    expect(await probeFolder(path)).toEqual({
      ok: false,
      message: `${path} cannot be made: ${link} is a symbolic link that leads nowhere`,
      code: "ENOTDIR",
      hint: `make what ${link} leads to, or mount its disk`,
    });
  }
  mkdirSync(join(folder, "not-mounted"));
  expect(await probeFolder(join(link, "state"))).toEqual({
    ok: true,
    message: `${join(link, "state")} does not exist yet and can be made`,
  });
});

test("the hint names the option that leads to the folder", async () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  const hintOf = async (options = {}) => (await probeFolder(join(file, "state"), options)).hint;
  expect(await hintOf()).toBe("point [runner] state_dir elsewhere: a file is in the way of the folder");
  expect(await hintOf({ option: "[runner.state] path" })).toMatch(/^point \[runner\.state\] path elsewhere/);
});
