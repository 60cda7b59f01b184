import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

test.runIf(process.platform === "linux")("doctor warns of a limit of open files that is too low", () => {
  const folder = mkdtempSync(join(tmpdir(), "doctor-limit-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const entry = '[[pull.markdown]]\nname = "docs"\nschedule = "every 1h"\npath = "."\n';
  writeFileSync(join(folder, "a.md"), "# A\n");
  writeFileSync(join(folder, "statewave-connectors.toml"), `[statewave]\nurl = "stdout:"\n${entry}`);
  const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));
  const args = ["-c", 'ulimit -n 200 && exec "$@"', "sh", process.execPath, program, "doctor"];
  const { status, stdout } = spawnSync("sh", args, { cwd: folder, encoding: "utf8", timeout: 120_000 });
  expect(stdout).toMatch(/^warn machine: only 200 files may be open, and 1 entries? needs? 258\n {5}hint: raise the limit/m);
  expect(status).toBe(0);
});
