import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runHere } from "./run-here.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cli-dotenv-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = (...args: string[]) => runHere(folder, args);
const read = (name: string) => readFile(join(folder, name), "utf8");

describe("--dotenv", () => {
  test("is read besides the environment, which wins", async () => {
    await run("init", "--yes", "--source", "slack", "--direction", "push", "--statewave-url", "${WHERE}");
    expect(await read(".env.example")).toContain("WHERE=\n");
    await writeFile(join(folder, ".env"), "WHERE='stdout:'\nSLACK_SIGNING_SECRET=secret-from-file\n");
    const surroundings = { env: { WHERE: "file:./from-environment.jsonl" } };
    const { code, stdout } = await runHere(folder, ["validate-config", "--json", "--dotenv", ".env"], surroundings);
    expect(code).toBe(0);
    expect(stdout).not.toContain("secret-from-file");
    expect(await run("doctor", "--dotenv", ".env")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("written to stdout"),
    });
  });

  test("ends with 3 for a file that cannot be read", async () => {
    const { code, stderr } = await run("validate-config", "--dotenv", "missing.env");
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error: .*missing\.env cannot be read: ENOENT \[CONFIG_DOTENV_UNREADABLE\]\nhint: /);
  });
});
