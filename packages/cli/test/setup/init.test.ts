import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { knownAdapters } from "@statewave-connectors/config/adapters";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { resolveFrom, runHere } from "../run-here.ts";
import { type Answers, answerQuestions } from "./answer-questions.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cli-init-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = (...args: string[]) => runHere(folder, args);
const answer = (args: readonly string[], answers: Answers) => answerQuestions(folder, args, answers);
const read = (name: string) => readFile(join(folder, name), "utf8");

/** Fills `.env.example` in: every variable gets some text, and those of a store the URL of a server. */
async function fillIn(): Promise<void> {
  const names = Object.keys(parseEnv(await read(".env.example")));
  const url = { POSTGRES_URL: "postgres://user:password@localhost:5432/database", REDIS_URL: "redis://localhost:6379" };
  const lines = names.map((name) => `${name}=${url[name as keyof typeof url] ?? "some-text-of-any-length"}\n`);
  await writeFile(join(folder, ".env"), lines.join(""));
}

const installed = await knownAdapters({ resolveFrom, cwd: tmpdir(), env: {} });
const sources = installed.connectors.flatMap(({ kind, connector }) =>
  (["pull", "push"] as const)
    .filter((direction) => connector?.[direction] !== undefined)
    .map((direction) => ({ kind, direction })),
);

const ownConnector = `export const connector = { kind: "own", version: "1.0.0", pull: {
  config: { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } },
  open: () => ({ async *pages() {} }),
} };`;

describe("init --yes", () => {
  test.each(sources)(
    "writes a file with $kind ($direction) that is valid once .env is filled in",
    async ({ kind, direction }) => {
      const { code, stderr } = await run("init", "--yes", "--source", kind, "--direction", direction);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      await fillIn();
      expect(await run("validate-config", "--dotenv", ".env")).toEqual({
        code: 0,
        stdout: expect.stringContaining(`${direction} ${kind}/main`),
        stderr: "",
      });
    },
  );

  test.each([...installed.cursorStores.keys()])(
    "writes a file with state of kind %s that is valid once .env is filled in",
    async (state) => {
      expect(await run("init", "--yes", "--source", "markdown", "--state", state)).toMatchObject({ code: 0 });
      await fillIn();
      const { code, stdout } = await run("validate-config", "--dotenv", ".env", "--json");
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ runner: { state: { kind: state } } });
    },
  );

  test("writes several sources, each with the flags behind it, and a receiver with its twin", async () => {
    const { code, stdout } = await run(
      "init",
      "--yes",
      "--json",
      "--statewave-url",
      "file:./episodes.jsonl",
      "--source",
      "github",
      "--name",
      "widgets",
      "--direction",
      "both",
      "--schedule",
      "every 5m",
      "-o",
      "repo=acme/widgets",
      "--source",
      "markdown",
      "--option",
      "path=./handbook",
      "--option",
      'include=["**/*.md"]',
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      written: ["statewave-connectors.toml", "statewave-connectors.schema.json", ".env.example"],
      variables: ["GITHUB_TOKEN", "GITHUB_SECRET"],
    });
    await fillIn();
    const validated = JSON.parse((await run("validate-config", "--dotenv", ".env", "--json")).stdout) as Record<string, unknown>;
    expect(validated).toMatchObject({
      pull: [
        { kind: "github", name: "widgets", schedule: "every 5m", options: { repo: "acme/widgets" } },
        { kind: "markdown", name: "main", options: { path: "./handbook", include: ["**/*.md"] } },
      ],
      push: [{ kind: "github", name: "widgets", pull: "widgets" }],
    });
  });

  test("explains every key, and shows the others behind a #", async () => {
    await run("init", "--yes", "--source", "github");
    const toml = await read("statewave-connectors.toml");
    expect(toml).toMatch(/^#:schema \.\/statewave-connectors\.schema\.json\n/);
    expect(toml).toMatch(
      /^# One repository, `owner\/name`\. .*An example:\n# write your own\.\nrepo = "octocat\/hello-world"$|An example: write your own\.\nrepo = /m,
    );
    expect(toml).toMatch(/^# since_default = …$/m);
    expect(toml).toMatch(/^# base_url = "https:\/\/api\.github\.com"$/m);
    expect(JSON.parse(await read("statewave-connectors.schema.json"))).toHaveProperty("properties");
  });

  test("names what is still to be filled in, also when its secret was passed and reached no file", async () => {
    const { stdout } = await run("init", "--yes", "--source", "github", "-o", "token=ghp-4711-secret");
    expect(stdout).toMatch(
      /\n {2}1\. cp \.env\.example \.env, and fill in GITHUB_TOKEN\n {2}2\. statewave-connectors doctor --dotenv \.env\n/,
    );
  });

  test.each(["file:./episodes.jsonl", "stdout:"])("shows with %s where the key of a server belongs", async (url) => {
    await run("init", "--yes", "--source", "markdown", "--statewave-url", url);
    const toml = await read("statewave-connectors.toml");
    expect(toml).toContain('\n# api_key = "${STATEWAVE_API_KEY:-}"\n');
    const real = toml.replace(url, "http://localhost:8100").replace("# api_key", "api_key");
    await writeFile(join(folder, "statewave-connectors.toml"), real);
    expect(await run("validate-config", "--json")).toMatchObject({ code: 0 });
  });

  test("names the next commands by the words that called it", async () => {
    const { stdout } = await runHere(folder, ["init", "--yes", "--source", "markdown"], {}, "npm run cli --");
    expect(stdout).toMatch(/Next:\n {2}1\. npm run cli -- doctor\n {2}2\. npm run cli -- run\n$/);
  });

  test("names no .env where nothing is to be filled in", async () => {
    const { stdout } = await run("init", "--yes", "--source", "markdown");
    expect(stdout).toMatch(/Next:\n {2}1\. statewave-connectors doctor\n {2}2\. statewave-connectors run\n$/);
    expect(await run("validate-config")).toMatchObject({ code: 0 });
  });

  test("writes the path of a connector as the file in another folder needs it", async () => {
    await writeFile(join(folder, "own.mjs"), ownConnector);
    const { code, stderr } = await run("init", "--yes", "--source", "./own.mjs", "--config", "conf/connectors.toml");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(await read("conf/connectors.toml")).toContain('own = "../own.mjs"\n');
    expect(await run("validate-config", "--config", "conf/connectors.toml")).toMatchObject({ code: 0 });
  });

  test("leaves nothing behind when one of the files cannot be written", async () => {
    await symlink(join(folder, "missing", "file"), join(folder, ".env.example"));
    expect(await run("init", "--yes", "--source", "github")).toMatchObject({ code: 1 });
    expect(await readdir(folder)).toEqual([".env.example"]);
  });

  test.skipIf(!existsSync("/proc/self"))("refuses a place that takes no folder, and does not hang", async () => {
    const { code, stderr } = await run("init", "--yes", "--source", "github", "--config", "/proc/connectors/own.toml");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: \/proc\/connectors\/\S+ cannot be written: ENOENT \[RUNNER_OUTPUT_UNWRITABLE\]/);
  });

  test("never puts a secret into a file, however it is passed", async () => {
    const secret = "ghp-4711-secret";
    const { code, stdout } = await run(
      "init",
      "--yes",
      "--source",
      "github",
      "-o",
      `token=${secret}`,
      "-o",
      `base_url=https://github.example.com/api/v3`,
      "--statewave-url",
      `https://me:${secret}@statewave.example.com`,
    );
    expect(code).toBe(0);
    for (const name of await readdir(folder)) {
      const text = await read(name);
      expect(`${name}: ${text}`).not.toContain(secret);
    }
    expect(stdout).not.toContain(secret);
    expect(await read("statewave-connectors.toml")).toContain('token = "${GITHUB_TOKEN}"\n');
    expect(await read("statewave-connectors.toml")).toContain('url = "${STATEWAVE_URL}"\n');
  });

  test("gives two sources of a kind variables of their own", async () => {
    await run("init", "--yes", "--source", "github", "--name", "one", "--source", "github", "--name", "two");
    expect(Object.keys(parseEnv(await read(".env.example"))).toSorted()).toEqual([
      "GITHUB_ONE_TOKEN",
      "GITHUB_TWO_TOKEN",
      "STATEWAVE_API_KEY",
    ]);
  });

  test("writes nothing over a file that exists without --force, and then nothing at all", async () => {
    await writeFile(join(folder, ".env.example"), "MINE=1\n");
    const { code, stderr } = await run("init", "--yes", "--source", "markdown", "--source", "github");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: .*\.env\.example exists, and nothing was written \[RUNNER_INIT_FILE_EXISTS\]\nhint: .*--force/,
    );
    expect(await readdir(folder)).toEqual([".env.example"]);
    expect(await run("init", "--yes", "--source", "github", "--force")).toMatchObject({ code: 0 });
    expect(await read(".env.example")).toContain("GITHUB_TOKEN=\n");
  });

  test.each([
    ["without a source", [], "--source: no source is named"],
    ["for a source that is not installed", ["--source", "githbu"], "did you mean github?"],
    ["for a flag before any source", ["--name", "main"], "write --source before it"],
    ["for an option that there is not", ["--source", "github", "-o", "repoo=a/b"], "unknown key (did you mean repo?)"],
    ["for an option of another form", ["--source", "github", "-o", "repo=widgets"], 'a repository is "owner/name"'],
    ["for options that exclude each other", ["--source", "github", "-o", "repo=a/b", "-o", "org=acme"], "exactly one of repo"],
    ["for a direction that the source lacks", ["--source", "markdown", "--direction", "both"], "markdown takes no webhooks"],
    ["for two entries of one name", ["--source", "github", "--source", "github"], "the name is taken by pull.github[0]"],
    ["for a store that is not installed", ["--source", "github", "--state", "mongo"], 'no store of kind "mongo"'],
    [
      "for a server that is none",
      ["--source", "github", "--statewave-url", "localhost"],
      "statewave.url: expected http(s)://host",
    ],
  ])("ends with 2 and writes nothing %s", async (_, args, said) => {
    const { code, stderr } = await run("init", "--yes", ...args);
    expect(stderr).toContain(said);
    expect({ code, files: await readdir(folder) }).toEqual({ code: 2, files: [] });
  });

  test("--check has the provider judge each entry, and writes only what it accepts", async () => {
    const server = createServer((_, response) => response.writeHead(401, { "content-type": "application/json" }).end("{}"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const options = ["--source", "github", "-o", `base_url=http://127.0.0.1:${port}`, "-o", "token=wrong-token-4711"];
    const { code, stdout } = await run("init", "--yes", "--check", ...options);
    server.close();
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAIL pull github\/main: .*\[GITHUB_UNAUTHORIZED\]$/m);
    expect(await readdir(folder)).toEqual([]);
    await writeFile(join(folder, "a.md"), "# A\n");
    const well = await run("init", "--yes", "--check", "--source", "markdown", "-o", "path=.", "--statewave-url", "stdout:");
    expect(well.stdout).toMatch(/^ok {3}pull markdown\/main: /);
    expect(well.code).toBe(0);
  });
});

describe("init in a terminal", () => {
  test("puts the questions, hides secrets, checks at the provider, and keeps what was typed in .env for this user alone", async () => {
    const secret = "slack-signing-4711";
    const { code, stdout, shown, asked } = await answer(
      [],
      [
        [/^Statewave server/, "file:./episodes.jsonl"],
        [/^Which \[file\]/, ""],
        [/^Which sources/, "slack"],
        [/^Which \[pull\]/, "push"],
        [/^A name for it/, "team"],
        [/^signing_secret/, secret],
        [/^Check it at the provider now/, "y"],
        [/^Keep the secrets/, ""],
      ],
    );
    expect(asked).toBe(8);
    expect(code).toBe(0);
    expect(shown + stdout).not.toContain(secret);
    expect(stdout).toContain("ok   push slack/team: ");
    expect(parseEnv(await read(".env"))).toEqual({ SLACK_SIGNING_SECRET: secret });
    expect((await stat(join(folder, ".env"))).mode & 0o077).toBe(0);
    expect(await run("validate-config", "--dotenv", ".env")).toMatchObject({ code: 0 });
    expect(await read("statewave-connectors.toml")).not.toContain(secret);
  });

  test("takes a name of digits as a name", async () => {
    const { code } = await answer(
      ["--state", "memory"],
      [
        [/^Statewave server/, "stdout:"],
        [/^Which sources/, "zendesk"],
        [/^Which \[pull\]/, "push"],
        [/^A name for it/, "desk"],
        [/^subdomain/, "4711"],
        [/^signing_secret/, ""],
        [/^client_id/, ""],
        [/^client_secret/, ""],
      ],
    );
    expect(code).toBe(0);
    expect(await read("statewave-connectors.toml")).toContain('subdomain = "4711"\n');
  });

  test("does not offer a secret that was typed to the next question", async () => {
    const secret = "slack-signing-4711";
    const { shown } = await answer(
      ["--state", "memory"],
      [
        [/^Statewave server/, "stdout:"],
        [/^Which sources/, "slack"],
        [/^Which \[pull\]/, "push"],
        [/^A name for it/, "team"],
        [/^signing_secret/, secret],
        [/^Check it at the provider now/, "\u001b[A"],
        [/^Keep the secrets/, "n"],
      ],
    );
    expect(shown).not.toContain("Answer y or n");
  });

  test("repeats the questions of a source whose answers no file can hold", async () => {
    const { code, shown } = await answer(
      ["--statewave-url", "stdout:", "--state", "file"],
      [
        [/^Statewave server/, ""],
        [/^Which sources/, "github"],
        [/^Which \[pull\]/, ""],
        [/^A name for it/, ""],
        [/^How often/, ""],
        [/^repo/, "widgets"],
        [/^token/, ""],
        [/^Which \[pull\]/, "1"],
        [/^A name for it/, "widgets"],
        [/^How often/, "every 1h"],
        [/^repo/, "acme/widgets"],
        [/^token/, ""],
      ],
    );
    expect(shown).toContain('a repository is "owner/name"');
    expect(shown).toContain("It is not checked at the provider, because GITHUB_TOKEN is not known yet.");
    expect(code).toBe(0);
    expect(await read("statewave-connectors.toml")).toMatch(
      /name = "widgets"\n[^]*schedule = "every 1h"\n[^]*repo = "acme\/widgets"\n/,
    );
    expect(await readdir(folder)).not.toContain(".env");
  });

  test("writes nothing when the questions end early", async () => {
    const { code, shown } = await answer(
      [],
      [
        [/^Statewave server/, "stdout:"],
        [/^Which \[file\]/, "^D"],
      ],
    );
    expect(shown).toMatch(
      /error: the questions ended before all were answered, and nothing was written \[RUNNER_INIT_CANCELLED\]/,
    );
    expect({ code, files: await readdir(folder) }).toEqual({ code: 1, files: [] });
  });

  test("ends with 2 where there is no terminal", async () => {
    const { code, stderr } = await run("init");
    expect(code).toBe(2);
    expect(stderr).toBe("error: there is no terminal to put questions in\nhint: pass --yes, and each source with --source\n");
  });
});
