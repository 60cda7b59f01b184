import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeOwnedFile, ownerToKeep } from "../../src/host/file-owner.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "file-owner-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ids = (path: string) => {
  const { uid, gid } = statSync(path);
  return { uid, gid };
};

test("root keeps the owner of a file, or of its folder where there is none, and any other user keeps none", () => {
  const path = join(folder, "file");
  // Where the tests themselves are run by root, there is no other owner to keep.
  const kept = (of: string) => (ids(of).uid === 0 ? undefined : ids(of));
  expect(ownerToKeep(path, 0)).toEqual(kept(folder));
  expect(ownerToKeep(join(folder, "missing/file"), 0)).toBeUndefined();
  writeFileSync(path, "");
  expect(ownerToKeep(path, 0)).toEqual(kept(path));
  expect(ownerToKeep(path, 1_000)).toBeUndefined();
});

test("a file for an owner is made empty, for that owner alone, and one that exists keeps its words", () => {
  const path = join(folder, "file");
  makeOwnedFile(path, undefined);
  const owner = ids(folder);
  makeOwnedFile(path, owner);
  expect({ ...ids(path), mode: statSync(path).mode & 0o777, text: readFileSync(path, "utf8") }).toEqual({
    ...owner,
    mode: 0o600,
    text: "",
  });
  writeFileSync(path, "words");
  makeOwnedFile(path, owner);
  expect(readFileSync(path, "utf8")).toBe("words");
});
