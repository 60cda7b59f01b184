import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfig, parseConfig, printableConfig } from "../src/index.ts";
import { errorOf, fixtureConnectors, problemsOf, temporaryFolder } from "./load-text.ts";

const pull = (name: string, more = "") => `[[pull.full]]\nname = "${name}"\nschedule = "every 1h"\nrepo = "r"\n${more}`;

/** A folder with a configuration, what it includes, and other files. */
function layOut(include: string, files: Readonly<Record<string, string>>, main = ""): string {
  const folder = temporaryFolder();
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  };
  write("main.toml", `include = ${include}\n[statewave]\nurl = "stdout:"\n${main}${fixtureConnectors}`);
  for (const [name, text] of Object.entries(files)) write(name, text);
  return folder;
}

const load = (folder: string, env = {}) => loadConfig({ cwd: folder, configPath: "main.toml", env });

describe("include", () => {
  test("adds the entries of the files behind those of the configuration, by pattern and by name", async () => {
    const folder = layOut(
      '["sources/*.toml", "last.toml"]',
      { "sources/b.toml": pull("b"), "sources/a.toml": `${pull("a1")}${pull("a2")}`, "last.toml": pull("z") },
      pull("main"),
    );
    const { config, includes } = await load(folder);
    expect(config.pull.map(({ name }) => name)).toEqual(["main", "a1", "a2", "b", "z"]);
    expect(includes).toEqual(["sources/a.toml", "sources/b.toml", "last.toml"].map((name) => join(folder, name)));
  });

  test("takes a folder without a match, a file once, and no hidden file", async () => {
    const folder = layOut('["empty/*.toml", "sources/*.toml", "sources/a.toml"]', {
      "empty/readme.md": "",
      "sources/a.toml": pull("a"),
      "sources/.a.toml": "this is no TOML",
    });
    const { config } = await load(folder);
    expect(config.pull.map(({ name }) => name)).toEqual(["a"]);
  });

  test("follows the links of a mounted ConfigMap", async () => {
    const folder = layOut('["sources/*.toml"]', { "sources/..2026_11/a.toml": pull("a") });
    symlinkSync("..2026_11", join(folder, "sources/..data"));
    symlinkSync("..data/a.toml", join(folder, "sources/a.toml"));
    expect((await load(folder)).config.pull).toHaveLength(1);
  });

  test("references in an included file are replaced, and what they hide is hidden", async () => {
    const folder = layOut('["a.toml"]', { "a.toml": pull("a", 'token = "${T}"\n') });
    const { config } = await load(folder, { T: "s3cret-token" });
    expect(config.pull[0]?.options).toMatchObject({ token: "s3cret-token" });
    expect(printableConfig(config)).toMatchObject({ pull: [{ options: { token: "***" } }] });
  });
});

describe("what is wrong in an included file", () => {
  test.each([
    ["a pipe, which has no end", (path: string) => expect(spawnSync("mkfifo", [path]).status).toBe(0)],
    ["a device", (path: string) => symlinkSync("/dev/zero", path)],
    ["a link that leads nowhere", (path: string) => symlinkSync("gone", path)],
  ])("is refused at once: %s", async (_, make) => {
    const folder = layOut('["sources/*.toml"]', { "sources/a.toml": pull("a") });
    make(join(folder, "sources/b.toml"));
    await expect(load(folder)).rejects.toMatchObject({ code: "CONFIG_UNREADABLE" });
  });

  test("is reported with the file and its line, all of it in one pass", async () => {
    const folder = layOut(
      '["sources/*.toml"]',
      { "sources/a.toml": pull("a", "count = 11\n"), "sources/b.toml": `${pull("b")}${pull("a", 'lables = ["x"]\n')}` },
      pull("main", "count = 12\n"),
    );
    expect(await problemsOf(load(folder))).toMatchObject([
      { path: "pull.full[0].count", line: 8 },
      { file: "sources/a.toml", path: "pull.full[0].count", line: 5 },
      {
        file: "sources/b.toml",
        path: "pull.full[1].name",
        line: 6,
        message: "the name is taken by pull.full[0] in sources/a.toml",
      },
      { file: "sources/b.toml", path: "pull.full[1].lables", line: 9, hint: "did you mean labels?" },
    ]);
    expect((await errorOf(load(folder))).message).toContain("\n  sources/a.toml, line 5: pull.full[0].count: ");
  });

  test("is named by the file when that is no TOML", async () => {
    const folder = layOut('["sources/a.toml"]', { "sources/a.toml": "[[pull.full]\n" });
    expect(await errorOf(load(folder))).toMatchObject({
      path: join(folder, "sources/a.toml"),
      problems: [{ line: 1 }],
    });
  });

  test("a date that no calendar has is found in its file", async () => {
    const folder = layOut('["a.toml"]', { "a.toml": pull("a", "since = 2025-02-30\n") });
    expect(await problemsOf(load(folder))).toMatchObject([{ file: "a.toml", path: "pull.full[0].since", line: 5 }]);
  });
});

describe("refused:", () => {
  test.each<[string, string, string]>([
    ["tables that belong to the process", "[runner]\nport = 1\n", "holds only"],
    ["further includes", 'include = ["b.toml"]\n', "includes no others"],
    ["an entry with one bracket", '[pull.full]\nname = "a"\n', "list of tables"],
  ])("%s in an included file", async (_, text, message) => {
    const folder = layOut('["a.toml"]', { "a.toml": text });
    const error = await errorOf(load(folder));
    expect(error.path).toBe(join(folder, "a.toml"));
    expect(error.problems).toMatchObject([{ line: 1, message: expect.stringContaining(message) }]);
  });

  test.each<[string, string, string]>([
    ["a file that includes itself", '["*.toml"]', "the file includes itself"],
    ["a file that is not there", '["nowhere.toml"]', "there is no file /"],
    ["a folder that is not there", '["nowhere/*.toml"]', "there is no folder /"],
    ["a pattern for folders", '["*/a.toml"]', "expected a file, or a folder and a pattern"],
    ["a reference", '["${HOME}/a.toml"]', "a reference is not replaced here"],
    ["a list of something else", "[1]", "expected a list of files"],
    ["a text without a list", '"a.toml"', "expected a list of files"],
  ])("%s", async (_, include, message) => {
    const problems = await problemsOf(load(layOut(include, {})));
    expect(problems).toMatchObject([{ line: 1, message: expect.stringContaining(message), hint: expect.any(String) }]);
  });

  test("a file that others may write, unless the configuration was named", async () => {
    const folder = layOut('["sources/a.toml"]', { "sources/a.toml": pull("a") });
    writeFileSync(join(folder, "statewave-connectors.toml"), '[statewave]\nurl = "stdout:"\n', { mode: 0o600 });
    const found = () => loadConfig({ cwd: folder, env: { HOME: "/nowhere" } });
    writeFileSync(
      join(folder, "statewave-connectors.toml"),
      `include = ["sources/a.toml"]\n[statewave]\nurl = "stdout:"\n[connectors]\nfull = "${fixtureConnectors.match(/full = "(.*)"/)?.[1]}"\n`,
    );
    await expect(found()).resolves.toMatchObject({ foundBy: "working directory" });
    chmodSync(join(folder, "sources/a.toml"), 0o666);
    expect(await problemsOf(found())).toMatchObject([
      {
        path: "include[0]",
        message: expect.stringMatching(/a\.toml is not included: .*other users may write to/),
        hint: expect.stringMatching(/^run chmod go-w/),
      },
    ]);
    await expect(load(folder)).resolves.toMatchObject({ foundBy: "explicit" });
  });

  test("include in a configuration that is no file", async () => {
    const error = await parseConfig('include = ["a.toml"]\n[statewave]\nurl = "stdout:"\n').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      problems: [{ path: "include", hint: "write it into a file that is loaded by its path" }],
    });
  });
});
