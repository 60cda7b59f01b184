import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const scripts = fileURLToPath(new URL("../../../scripts", import.meta.url));

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "test-tools-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A command for PATH. */
function command(path: string, name: string, script: string): void {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(path, name), 0o755);
}

test("a pnpm whose hash is another one is refused in one line, and nothing of it stays", () => {
  const root = folder();
  for (const name of ["run-child.mjs", "pnpm"]) cpSync(join(scripts, name), join(root, "scripts", name), { recursive: true });
  const hashes = { version: "1.2.3", programs: { [`${process.platform}-${process.arch}`]: "sha512-other" } };
  writeFileSync(join(root, "scripts/pnpm/hashes.json"), JSON.stringify(hashes));
  command(join(root, "bin"), "npm", 'echo harmful > "$5/harmful.tgz"; echo harmful.tgz');
  const source = `import { providePnpm } from "./scripts/pnpm/pinned-pnpm.mjs"; providePnpm(${JSON.stringify(root)});`;
  const env = { ...process.env, PATH: `${join(root, "bin")}:${process.env["PATH"] ?? ""}` };
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", source], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/Error: @pnpm\/exe\.\S+@1\.2\.3 is not what scripts\/pnpm\/hashes\.json pins/),
  ]);
  expect(existsSync(join(root, "node_modules/.cache/pnpm-1.2.3"))).toBe(false);
});

const services = JSON.stringify(join(scripts, "test-services/services.mjs"));
const failing = `{ name: "widgets", variable: "TEST_WIDGETS_URL", start: () => Promise.reject(new Error("widgetd is not installed")) }`;

test.each([
  ["true", 1, /no widgets for the tests, and TEST_WIDGETS_URL is not set: widgetd is not installed/],
  ["", 0, /^\nSKIPPING TESTS: no widgets for the tests, and TEST_WIDGETS_URL is not set: widgetd is not installed\n$/],
])("a test server that does not come up is named with its reason (CI=%j)", (CI, code, said) => {
  const source = `import { startServices } from ${services}; await (await startServices([${failing}]))();`;
  const env = { ...process.env, CI };
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", source], { env, encoding: "utf8" });
  expect([status, stderr]).toEqual([code, expect.stringMatching(said)]);
});

test("without a path npm test leaves the long tests out, and with one it runs what is named", () => {
  const root = folder();
  command(join(root, "bin"), "vitest", 'echo "$@"');
  const env = { ...process.env, PATH: `${join(root, "bin")}:${process.env["PATH"] ?? ""}` };
  const run = (...args: readonly string[]) =>
    spawnSync(process.execPath, [join(scripts, "run-tests.mjs"), ...args], { env, encoding: "utf8" }).stdout.trim();
  expect(run("short", "--reporter=json")).toBe("run --project=short --reporter=json");
  expect(run("short", "apps/runner/test/e2e/several-processes")).toBe("run apps/runner/test/e2e/several-processes");
  expect(run("long")).toBe("run --project=long");
  expect(run("soak")).toContain("random-disturbances");
});

test("neither a test nor a program that it starts finds packages on a path of the tool that started it", () => {
  const { stdout } = spawnSync(process.execPath, ["-p", 'process.env.NODE_PATH ?? "none"'], { encoding: "utf8" });
  expect([process.env["NODE_PATH"], stdout.trim()]).toEqual([undefined, "none"]);
});
