import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileCacheFolder } from "../src/compile-cache-folder.ts";

test("code is cached in the user's own folder, and nowhere when that cannot be looked at", ({ onTestFinished }) => {
  const home = mkdtempSync(join(tmpdir(), "cache-home-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  expect(compileCacheFolder({ XDG_CACHE_HOME: home }, 1_000)).toBe(join(home, "statewave-connectors"));
  // A folder that may not be entered throws likewise, but root may enter every one.
  expect(compileCacheFolder({ XDG_CACHE_HOME: `/${"x".repeat(300)}` }, 1_000)).toBeUndefined();
});
