import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runHere } from "../run-here.ts";
import { type Answers, answerQuestions } from "./answer-questions.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cli-init-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const answer = (args: readonly string[], answers: Answers) => answerQuestions(folder, args, answers);
const run = (...args: string[]) => runHere(folder, args);
const read = (name: string) => readFile(join(folder, name), "utf8");

describe("init in a folder with files", () => {
  test.each([{ flags: [] }, { flags: ["--force"] }])("adds to a .env with $flags, for this user alone", async ({ flags }) => {
    await writeFile(join(folder, ".env"), "OTHER='1'\nSLACK_TEAM_BOT_TOKEN=\nSLACK_SIGNING_SECRET=mine # two\nTAIL=2", {
      mode: 0o644,
    });
    const { code, stdout } = await answer(
      [...flags, "--state", "memory"],
      [
        [/^Statewave server/, "https://me:word@statewave.example.com"],
        [/^Which sources/, "slack"],
        [/^Which \[pull\]/, "push"],
        [/^A name for it/, "team"],
        [/^signing_secret/, "another"],
        [/^Check it at the provider now/, "n"],
        [/^Keep the secrets/, ""],
      ],
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("\nunchanged in .env: SLACK_SIGNING_SECRET\n") });
    const text = await read(".env");
    expect(text).toMatch(/^OTHER='1'\nSLACK_TEAM_BOT_TOKEN=\nSLACK_SIGNING_SECRET=mine # two\nTAIL=2\n\n# /);
    expect(parseEnv(text)).toMatchObject({
      SLACK_SIGNING_SECRET: "mine",
      STATEWAVE_URL: "https://me:word@statewave.example.com",
    });
    expect((await stat(join(folder, ".env"))).mode & 0o077).toBe(0);
  });

  test("leaves a .env that is not in UTF-8 as it is, and says so before the first question", async () => {
    const bytes = Buffer.from("PASSWORD=caf\xe9\n", "latin1");
    await writeFile(join(folder, ".env"), bytes);
    const { code, stderr } = await run("init", "--yes", "--source", "github");
    expect({ code, stderr }).toEqual({ code: expect.any(Number), stderr: expect.stringContaining("is not in UTF-8") });
    expect(code).not.toBe(0);
    expect(await readFile(join(folder, ".env"))).toEqual(bytes);
  });

  test("does not have a .env replaced by a copy of .env.example", async () => {
    await writeFile(join(folder, ".env"), "OTHER=1\n");
    const { stdout } = await run("init", "--yes", "--source", "github");
    expect(stdout).toContain("  1. fill in .env: GITHUB_TOKEN\n  2. statewave-connectors doctor --dotenv .env\n");
    expect(await read(".env")).toBe("OTHER=1\n");
  });

  test("names a value that .env cannot hold", async () => {
    const { code, stdout, shown } = await answer(
      ["--state", "memory", "--source", "markdown"],
      [
        [/^Statewave server/, `https://me:p'a$$w@statewave.example.com`],
        [/^Keep the secrets/, ""],
      ],
    );
    expect({ code, shown }).toMatchObject({ code: 0 });
    expect(stdout).toContain("fill in .env: STATEWAVE_URL\n");
    expect((await readdir(folder)).toSorted()).toEqual([
      ".env",
      ".env.example",
      "statewave-connectors.schema.json",
      "statewave-connectors.toml",
    ]);
  });

  test.each(["statewave-connectors.toml", "statewave-connectors.schema.json", ".env.example"])(
    "puts no question where %s exists",
    async (name) => {
      await writeFile(join(folder, name), "");
      const { code, shown, asked } = await answer([], [[/^Statewave server/, "stdout:"]]);
      expect(shown).toMatch(/^error: .* exists, and nothing was written \[RUNNER_INIT_FILE_EXISTS\]/);
      expect(shown).toContain(`${name} exists`);
      expect({ code, asked }).toEqual({ code: 1, asked: 0 });
    },
  );

  test("puts no question where .env cannot be read", async () => {
    await mkdir(join(folder, ".env"));
    const { code, shown, asked } = await answer([], [[/^Statewave server/, "stdout:"]]);
    expect(shown).toMatch(/^error: .*\.env cannot be written: EISDIR \[RUNNER_OUTPUT_UNWRITABLE\]/);
    expect({ code, asked }).toEqual({ code: 1, asked: 0 });
  });
});
