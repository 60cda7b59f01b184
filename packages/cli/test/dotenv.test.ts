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

  test("is read by `state copy` for both of its configurations", async () => {
    await writeFile(join(folder, ".env"), "SERVER='stdout:'\n");
    for (const name of ["one", "two"]) {
      const state = `[runner]\nstate_dir = "./${name}"\n[runner.state]\nkind = "file"\n`;
      await writeFile(join(folder, `${name}.toml`), `[statewave]\nurl = "\${SERVER}"\n${state}`);
    }
    const set = ["state", "set", "github/widgets", "first", "--force", "--yes"];
    expect(await run(...set, "--config", "one.toml", "--dotenv", ".env")).toMatchObject({ code: 0 });
    const files = ["--from", "one.toml", "--to", "two.toml"];
    expect(await run("state", "copy", ...files, "--dotenv", ".env", "--yes")).toMatchObject({ code: 0, stderr: "" });
    const copied = await run("state", "get", "github/widgets", "--config", "two.toml", "--dotenv", ".env");
    expect(copied).toMatchObject({ stdout: "first\n", stderr: "" });
  });

  test("ends with 3 for a file that cannot be read", async () => {
    const { code, stderr } = await run("validate-config", "--dotenv", "missing.env");
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error: .*missing\.env cannot be read: ENOENT \[CONFIG_DOTENV_UNREADABLE\]\nhint: /);
  });

  test.each(["validate-config", "status", "doctor"])(
    "is suggested by %s where a .env sets the variable that is missing",
    async (command) => {
      await run("init", "--yes", "--source", "slack", "--direction", "push", "--statewave-url", "stdout:");
      const suggested = "hint: pass `--dotenv .env`: that file sets SLACK_SIGNING_SECRET, and is not read otherwise\n";
      const said = async (...args: string[]) => {
        const { code, stdout, stderr } = await run(command, ...args);
        return { code, text: stdout + stderr };
      };
      expect((await said()).text).not.toContain("hint: pass");
      await writeFile(join(folder, ".env"), "SLACK_SIGNING_SECRET=secret-from-file\n");
      expect(await said()).toMatchObject({ code: 3, text: expect.stringContaining(suggested) });
      expect((await said()).text).not.toContain("secret-from-file");
      await writeFile(join(folder, "other.env"), "");
      expect((await said("--dotenv", "other.env")).text).not.toContain("hint: pass");
    },
  );
});
