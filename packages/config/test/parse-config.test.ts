import { join } from "node:path";
import type { Connector } from "@statewave-connectors/connector-sdk";
import type { OpenInbox } from "@statewave-connectors/connector-sdk/inbox";
import type { OpenCursorStore } from "@statewave-connectors/connector-sdk/store";
import { describe, expect, test } from "vitest";
import {
  type ConfigInput,
  ConfigInvalidError,
  type ConfigProblem,
  loadConfig,
  parseConfig,
  type ParseConfigOptions,
  printableConfig,
} from "../src/index.ts";
import { fixtures, loadText, temporaryFolder } from "./load-text.ts";

const { connector: full } = (await import(`${fixtures}full.mjs`)) as { connector: Connector };
const { openCursorStore } = (await import(`${fixtures}adapters/disk.mjs`)) as { openCursorStore: OpenCursorStore };
const { openInbox } = (await import(`${fixtures}adapters/disk.mjs`)) as { openInbox: OpenInbox };

const statewave = { url: "stdout:" };

/** What JavaScript may pass, whatever the types say. */
const parseAny = (source: unknown, options?: ParseConfigOptions) => parseConfig(source as ConfigInput, options);

async function problemsOf(
  source: unknown,
  options: ParseConfigOptions = { connectors: [full] },
): Promise<readonly ConfigProblem[]> {
  const error: unknown = await parseAny(source, options).catch((thrown: unknown) => thrown);
  if (error instanceof ConfigInvalidError) return error.problems;
  throw new Error("the configuration was accepted", { cause: error });
}

describe("an object", () => {
  test("has the defaults of a file, with its folder as baseDir", async () => {
    const baseDir = temporaryFolder();
    const { config, connectors } = await parseConfig({ statewave }, { baseDir });
    const { config: ofFile } = await loadText('[statewave]\nurl = "stdout:"', { cwd: baseDir });
    expect(config).toEqual({ ...ofFile, path: "configuration" });
    expect([...connectors]).toEqual([]);
  });

  test("is checked like the same file, relative paths and all", async () => {
    const baseDir = temporaryFolder();
    const { config } = await parseConfig(
      {
        statewave: { url: "file:out.jsonl" },
        runner: { port: 0, state_dir: "state", max_body: "64KiB" },
        pull: { full: [{ name: "a", schedule: "every 1h", repo: "acme/widgets" }] },
        push: { full: [{ name: "b", signing_secret: "s", pull: "a" }] },
      },
      { baseDir, connectors: [full] },
    );
    expect(config.statewave.url).toBe(`file:${join(baseDir, "out.jsonl")}`);
    expect(config.runner).toMatchObject({ port: 0, stateDir: join(baseDir, "state"), maxBodyBytes: 65_536 });
    expect(config.pull).toMatchObject([{ kind: "full", name: "a", options: { repo: "acme/widgets" } }]);
    expect(config.push).toMatchObject([{ kind: "full", name: "b", pull: "a" }]);
  });

  test("a baseDir that is relative starts at the working directory", async () => {
    const cwd = temporaryFolder();
    const { config } = await parseConfig({ statewave: { url: "file:a" } }, { cwd, baseDir: "./inner" });
    expect(config).toMatchObject({ baseDir: join(cwd, "inner"), statewave: { url: `file:${join(cwd, "inner", "a")}` } });
  });

  test("a key that is undefined is absent", async () => {
    const { config } = await parseConfig({ statewave: { ...statewave, api_key: undefined }, runner: undefined, pull: undefined });
    expect(config.statewave).not.toHaveProperty("apiKey");
  });

  test("takes strings as they stand, and replaces variables where an environment is given", async () => {
    const source = { statewave: { url: "stdout:", tenant_id: "${TENANT:-x}$$" } };
    const literal = await parseConfig(source);
    const replaced = await parseConfig(source, { env: { TENANT: "acme" } });
    expect([literal, replaced].map(({ config }) => config.statewave.tenantId)).toEqual(["${TENANT:-x}$$", "acme$"]);
  });

  test("shows no secret when it is printed", async () => {
    const { config } = await parseConfig(
      { statewave: { ...statewave, api_key: "my-key" }, push: { full: [{ name: "b", signing_secret: "my-secret" }] } },
      { connectors: [full] },
    );
    expect(JSON.stringify(printableConfig(config))).not.toMatch(/my-key|my-secret/);
  });

  test("is not changed", async () => {
    const source = Object.freeze({ statewave: Object.freeze({ ...statewave }) });
    await parseConfig(source);
    expect(source).toEqual({ statewave });
  });
});

describe("a text", () => {
  test("is read as a file would be, with its lines in problems", async () => {
    const text = '[statewave]\nurl = "${URL}"\n[runner]\nport = 70000\n';
    const error: unknown = await parseConfig(text, { env: { URL: "stdout:" }, name: "the tenant's settings" }).catch((e) => e);
    expect(error).toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(/^the tenant's settings has 1 problem\n {2}line 4: runner\.port: /),
      problems: [{ path: "runner.port", line: 4 }],
    });
  });

  test("that is no TOML is refused with its line", async () => {
    expect(await problemsOf('[statewave]\nurl = "x')).toMatchObject([{ line: 2 }]);
  });

  test.each(["./statewave-connectors.toml", "statewave-connectors.toml"])("%j is recognised as a file's name", async (name) => {
    expect(await problemsOf(name)).toEqual([
      { path: "", message: expect.stringContaining("the name of a file"), hint: expect.stringContaining("loadConfig(") },
    ]);
  });
});

describe("what is wrong is said in the words of code", () => {
  test.each([
    [undefined, "", "got undefined", "statewave:"],
    [null, "", "got null", "statewave:"],
    [42, "", "got a number", "statewave:"],
    [[], "", "got a list", "statewave:"],
    [{}, "statewave.url", "is required", undefined],
    [{ statewave: "https://x" }, "statewave", "expected an object, got a string", "statewave: {"],
    [{ statewave, runner: 3000 }, "runner", "expected an object, got a number", "runner: {"],
    [{ statewave, pull: [] }, "pull", "expected an object, got a list", "pull: {"],
    [{ statewave, pull: { full: { name: "a" } } }, "pull.full", "expected a list of entries, got an object", '"full": [{'],
    [{ statewave, push: { full: ["a"] } }, "push.full", "expected a list of entries", '"full": [{'],
    [{ statewave, connectors: [full] }, "connectors", "expected the names of packages", "connectors: [connector]"],
    [{ statewave, connectors: { full } }, "connectors", "expected the names of packages", "connectors: [connector]"],
    [{ statewave: { url: "stdout:", tenant_id: null } }, "statewave.tenant_id", "got null", "leave the key out"],
    [{ statewave: { url: new URL("https://x") } }, "statewave.url", "got a URL", "write text"],
    [{ statewave: { url: () => "x" } }, "statewave.url", "got a function", "write text"],
    [{ statewave: { ...statewave, apiKey: "x" } }, "statewave.apiKey", "unknown key", "did you mean api_key?"],
    [{ statewave, runner: { port: 10n ** 20n } }, "runner.port", "whole number", undefined],
  ])("%#", async (source, path, message, hint) => {
    const problems = await problemsOf(source);
    expect(problems[0]).toMatchObject({ path, message: expect.stringContaining(message) });
    expect(problems[0]?.hint ?? "").toContain(hint ?? "");
    expect(problems[0]).not.toHaveProperty("line");
  });

  test("a required key that is undefined is distinguished from one that is missing", async () => {
    const push = { full: [{ name: "a", signing_secret: undefined }, { name: "b" }] };
    const problems = await problemsOf({ statewave: { url: undefined }, push });
    expect(problems.map(({ path, hint = "" }) => [path, hint.includes("it is undefined")])).toEqual([
      ["statewave.url", true],
      ["push.full[0].signing_secret", true],
      ["push.full[1].signing_secret", false],
    ]);
  });

  test("connectors at the wrong place are one problem", async () => {
    expect(await problemsOf({ statewave, connectors: [full] })).toHaveLength(1);
  });

  test("every problem in one pass, with the path of each", async () => {
    const problems = await problemsOf({
      statewave: {},
      pull: {
        full: [
          { name: "a", schedule: "hourly", repo: "r" },
          { name: "a", schedule: "every 1h", repo: 7 },
        ],
      },
    });
    expect(problems.map(({ path }) => path).toSorted()).toEqual([
      "pull.full[0].schedule",
      "pull.full[1].name",
      "pull.full[1].repo",
      "statewave.url",
    ]);
  });

  test("a getter that throws becomes a problem at its path, without what it threw", async () => {
    const throwing = (key: string, rest: object = {}) =>
      Object.defineProperty({ ...rest }, key, {
        enumerable: true,
        get() {
          throw new Error("s3cret-in-getter");
        },
      });
    const cases: [object, string][] = [
      [throwing("runner", { statewave }), "runner"],
      [{ statewave: throwing("api_key", statewave) }, "statewave.api_key"],
      [{ statewave, pull: throwing("full") }, "pull.full"],
      [{ statewave, pull: { full: [throwing("repo", { name: "a", schedule: "every 1h" })] } }, "pull.full[0].repo"],
    ];
    for (const [source, path] of cases) {
      const problems = await problemsOf(source);
      expect(problems).toContainEqual(expect.objectContaining({ path, message: "cannot be read: its getter throws" }));
      expect(JSON.stringify(problems)).not.toContain("s3cret");
    }
  });

  test("an object of a hundred thousand levels ends in a problem", async () => {
    let deep: object = {};
    for (let level = 0; level < 100_000; level += 1) deep = { a: deep };
    expect(await problemsOf({ statewave, runner: { state: deep } })).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining("nested deeper than") }),
    );
  });

  test("an object that refers to itself ends in a problem", async () => {
    const entry: Record<string, unknown> = { name: "a", schedule: "every 1h", repo: "r" };
    entry["labels"] = [entry];
    expect(await problemsOf({ statewave, pull: { full: [entry] } })).toContainEqual(
      expect.objectContaining({ message: "refers to itself" }),
    );
  });
});

describe("adapters as objects", () => {
  const source = { statewave, pull: { full: [{ name: "a", schedule: "every 1h", repo: "r" }] } };

  test.each([
    ["a list", [full]],
    ["a map", new Map([["full", full]])],
    ["an object", { full }],
  ])("%s of connectors is used without looking for packages", async (_what, connectors) => {
    const parsed = await parseConfig(source, { connectors });
    expect(parsed.connectors).toEqual(new Map([["full", full]]));
  });

  test("serve a file's entries, too", async () => {
    const cwd = temporaryFolder();
    const text = '[statewave]\nurl = "stdout:"\n[[push.full]]\nname = "a"\nsigning_secret = "s"';
    expect((await loadText(text, { cwd, connectors: [full] })).connectors.get("full")).toBe(full);
    expect((await loadConfig({ configPath: "test.toml", cwd, connectors: { full } })).config.push).toHaveLength(1);
  });

  test("a store and an inbox check the options of their kinds and are handed on", async () => {
    const cwd = temporaryFolder();
    const stores = { cursorStores: { mine: openCursorStore }, inboxes: { mine: openInbox } };
    const runner = { state: { kind: "mine", path: "p" } };
    expect(await parseConfig({ statewave, runner }, { cwd, ...stores })).toMatchObject(stores);
    const problems = await problemsOf({ statewave, runner: { state: { kind: "mine", paht: "p" } } }, { cwd, ...stores });
    expect(problems).toMatchObject([{ path: "runner.state.paht", hint: "did you mean path?" }]);
  });

  test("a kind that is not among them is looked for by name", async () => {
    const problems = await problemsOf(
      { ...source, push: { absent: [{ name: "x" }] } },
      { connectors: [full], cwd: temporaryFolder() },
    );
    expect(problems).toMatchObject([{ path: "push.absent", hint: expect.stringContaining("npm install") }]);
  });

  test("a connector made for another contract is refused in one sentence, whatever its shape", async () => {
    const connectors = [{ kind: "later", contract: 2, sources: [] }];
    const error: unknown = await parseAny({ statewave }, { connectors } as unknown as ParseConfigOptions).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      code: "CONFIG_CONTRACT_UNSUPPORTED",
      message: "connector later is made for connector contract 2, this release works with contract 1",
    });
  });

  test.each([
    [{ connectors: [{}] }, "connectors[0] has no kind"],
    [{ connectors: [undefined] }, "connectors[0] is not a connector"],
    [{ connectors: [{ connector: full }] }, "connectors[0]"],
    [{ connectors: [{ kind: "x", version: "1" }] }, "connectors[0] has neither pull nor push"],
    [{ connectors: [full, full] }, 'connectors[1] is a second connector of kind "full"'],
    [{ connectors: { other: full } }, 'connectors.other is of kind "full"'],
    [{ connectors: "full" }, "connectors is neither a list nor connectors by kind"],
    [{ cursorStores: { mine: {} } }, "cursorStores.mine is not a function"],
    [{ inboxes: { mine: undefined } }, "inboxes.mine is not a function"],
  ])("%# what is no adapter is refused with its place", async (options, message) => {
    const error: unknown = await parseAny({ statewave }, options as ParseConfigOptions).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "CONFIG_ADAPTER_INVALID", message: expect.stringContaining(message) });
  });
});
