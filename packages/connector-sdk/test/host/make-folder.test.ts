import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeFolder } from "../../src/host/index.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "make-folder-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a folder and those above it are made for this user alone, and one that exists stays", async () => {
  const path = join(folder, "a/b/c");
  await makeFolder(path);
  await makeFolder(path);
  expect([path, join(folder, "a")].map((made) => statSync(made).mode & 0o777)).toEqual([0o700, 0o700]);
});

test("a file in the way is an error", async () => {
  writeFileSync(join(folder, "file"), "");
  await expect(makeFolder(join(folder, "file"))).rejects.toMatchObject({ code: "EEXIST" });
  await expect(makeFolder(join(folder, "file/below"))).rejects.toMatchObject({ code: "ENOTDIR" });
});

test.skipIf(!existsSync("/proc/self"))("a place that takes no folder is refused, and does not hang", async () => {
  for (const path of ["/proc/connectors", "/proc/connectors/state"])
    await expect(makeFolder(path)).rejects.toMatchObject({ code: "ENOENT" });
});
