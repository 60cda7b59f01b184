import { chmodSync, lstatSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { requireOwnFolder } from "../../src/control/socket/socket-trust.ts";

test("the hint says who can remove a folder that is no place for the socket", () => {
  const folder = mkdtempSync(join(tmpdir(), "socket-trust-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const status = lstatSync(folder);
  const hintFor = (expected: string) =>
    expect.objectContaining({ code: "RUNNER_CONTROL_UNSAFE", hint: expect.stringMatching(expected) });
  expect(() => requireOwnFolder(folder, status, status.uid + 1)).toThrow(
    hintFor(`^ask user ${status.uid} or root to remove it, or`),
  );
  chmodSync(folder, 0o755);
  expect(() => requireOwnFolder(folder, lstatSync(folder), status.uid)).toThrow(hintFor("^remove it; "));
});
