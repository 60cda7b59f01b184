import { describe, expect, test } from "vitest";
import { maskSecrets } from "@statewave-connectors/connector-sdk/secrets";
import { printableConfig } from "../src/index.ts";
import { errorOf, loadText, problemsOf } from "./load-text.ts";

const sink = '[statewave]\nurl = "stdout:"\n';
const load = (text: string, env: Readonly<Record<string, string>> = {}) => loadText(sink + text, { env });
const url = 'url = "server://ada:s3cret@host/db"\n';

describe("options of stores and inboxes", () => {
  test("are checked by the schemas of their packages, and everything that is wrong is reported at once", async () => {
    const state =
      '[runner.state]\nkind = "server"\nurl = "http://ada:s3cret@host"\ntabel = "x"\n[runner.state.retry]\ntime = 3\n';
    const inbox = '[runner.inbox]\nkind = "disk"\npath = ""\nrequire_durable = 1\n';
    const error = await errorOf(load(state + inbox));
    expect(error.problems).toEqual([
      { path: "runner.state.url", line: 5, message: "expected server://user:password@host, got ***" },
      { path: "runner.state.tabel", line: 6, message: "unknown key", hint: "did you mean table?" },
      { path: "runner.state.retry.times", line: 7, message: "is required" },
      { path: "runner.state.retry.time", line: 8, message: "unknown key", hint: "did you mean times?" },
      { path: "runner.inbox.path", line: 11, message: 'expected the name of a file, got ""' },
      { path: "runner.inbox.require_durable", line: 12, message: "expected true or false, got 1" },
    ]);
    expect(error.message).not.toContain("s3cret");
  });

  test("are handed over as they were written, without the keys of our own", async () => {
    const { config } = await load(
      `[runner.state]\nkind = "server"\n${url}[runner.inbox]\nkind = "disk"\nmax_depth = 5\npath = "x"`,
    );
    expect(config.runner.state).toEqual({ kind: "server", options: { url: "server://ada:s3cret@host/db" } });
    expect(config.runner.inbox).toMatchObject({ kind: "disk", maxDepth: 5, options: { path: "x" } });
  });

  test("that came from a reference are read as their schema wants them", async () => {
    const { config } = await load('[runner.state]\nkind = "disk"\nrequire_durable = "${D}"\npath = "${P}"', {
      D: "true",
      P: "12",
    });
    expect(config.runner.state.options).toEqual({ require_durable: true, path: "12" });
    expect(config.runner.inbox.options).toEqual({ require_durable: true });
  });

  test.each([
    ['[runner.state]\nkind = "disk"\ncolour = 1', "runner.state.colour", 'the kind "disk" has no such option'],
    ['[runner.state]\nkind = "disk"\nknd = 1', "runner.state.knd", "did you mean kind?"],
    ['[runner.state]\npath = "x"', "runner.state.path", 'the kind "memory" has no such option'],
    ['[runner.inbox]\npath = "x"', "runner.inbox.path", 'the kind "memory" has no such option'],
    [`[runner.inbox]\nkind = "server"\n${url}tabel = "x"`, "runner.inbox.tabel", 'the kind "server" has no such option'],
    ["[runner.inbox]\nmax_deph = 1", "runner.inbox.max_deph", "did you mean max_depth?"],
  ])("that no schema knows are errors: %j", async (text, path, hint) => {
    expect(await problemsOf(load(text))).toMatchObject([{ path, message: "unknown key", hint }]);
  });

  test("of a package without a schema are left to the package", async () => {
    const { config } = await load('[runner.state]\nkind = "plain"\nregion = "eu"\nretry = { times = "${N}" }', { N: "3" });
    expect(config.runner.state.options).toEqual({ region: "eu", retry: { times: "3" } });
    expect(config.runner.inbox.options).toEqual({ region: "eu", retry: { times: "3" } });
  });

  test("are not looked at when the kind is none", async () => {
    expect(await problemsOf(load('[runner.state]\nkind = "../x"\npath = 7'))).toMatchObject([{ path: "runner.state.kind" }]);
    expect(await problemsOf(load("[runner.inbox]\nkind = 7\npath = 7"))).toMatchObject([{ path: "runner.inbox.kind" }]);
  });

  test("cannot promise that memory survives a crash", async () => {
    expect(await problemsOf(load("[runner.state]\nrequire_durable = true"))).toMatchObject([
      { path: "runner.state.require_durable", message: "cannot be true: state in memory ends with the process" },
    ]);
    await expect(load('[runner.state]\nrequire_durable = "${D:-false}"')).resolves.toBeDefined();
  });
});

describe("a package that is missing or broken", () => {
  test("is reported with the line that installs it, once for the store and once for the inbox", async () => {
    expect(await problemsOf(load('[runner.state]\nkind = "nosuch"\npath = 7'))).toMatchObject([
      { path: "runner.inbox", line: 3, hint: "npm install @statewave-connectors/inbox-nosuch if there is such a package" },
      {
        path: "runner.state.kind",
        line: 4,
        hint: "npm install @statewave-connectors/cursor-store-nosuch if there is such a package",
      },
    ]);
    expect(await problemsOf(load('[runner.inbox]\nkind = "nosuch"'))).toMatchObject([
      { path: "runner.inbox.kind", line: 4, hint: "npm install @statewave-connectors/inbox-nosuch if there is such a package" },
    ]);
  });

  test("hides no other problem", async () => {
    const problems = await problemsOf(
      load('[runner]\nport = "x"\n[runner.state]\nkind = "nosuch"\n[runner.inbox]\nkind = "disk"\npaht = ""'),
    );
    expect(problems.map(({ path }) => path)).toEqual(["runner.port", "runner.state.kind", "runner.inbox.paht"]);
  });

  test("reports what is wrong with its schema, without showing the options", async () => {
    const error = await errorOf(load('[runner.state]\nkind = "broken"\n[runner.inbox]\npassword = "hunter2!"'));
    expect(error.problems).toMatchObject([
      { path: "runner.state.kind", message: expect.stringContaining("has a config that is not a Standard Schema") },
      { path: "runner.inbox", message: "its schema failed with Error" },
    ]);
    expect(error.message).not.toContain("hunter2!");
  });
});

describe("an inbox without a kind", () => {
  const state = (lines: string) => `[runner.state]\nkind = "server"\n${lines}\n`;

  test("has the state's options that it knows, and its own on top", async () => {
    const { config } = await load(`${state(`${url}table = "t"\nschema = "s"`)}[runner.inbox]\nschema = "other"\nqueue = "q"`);
    expect(config.runner.inbox).toMatchObject({ kind: "server" });
    expect(config.runner.inbox.options).toEqual({ url: "server://ada:s3cret@host/db", schema: "other", queue: "q" });
  });

  test("never has the state's path", async () => {
    const { config } = await load('[runner.state]\nkind = "disk"\npath = "cursors.json"\nrequire_durable = true');
    expect(config.runner.inbox.options).toEqual({ require_durable: true });
  });

  test("shares what is wrong with the state's options: it is reported once, where it stands", async () => {
    expect(await problemsOf(load(state("url = 7")))).toMatchObject([{ path: "runner.state.url", line: 5 }]);
    expect(await problemsOf(load(state("")))).toMatchObject([{ path: "runner.state.url", message: "is required" }]);
    expect(await problemsOf(load(`${state("")}[runner.inbox]\nqueue = "q"`))).toMatchObject([{ path: "runner.state.url" }]);
  });

  test("is heard when only the inbox minds an option of the state", async () => {
    expect(await problemsOf(load(state(`${url}schema = "a_long_name"`)))).toEqual([
      { path: "runner.state.schema", line: 6, message: 'expected at most 10 letters, got "a_long_name"' },
    ]);
    expect(await problemsOf(load(`${state(url)}[runner.inbox]\nschema = "a_long_name"`))).toMatchObject([
      { path: "runner.inbox.schema", line: 8 },
    ]);
  });

  test("may have a url of its own", async () => {
    const { config } = await load(`${state(url)}[runner.inbox]\nurl = "server://other"`);
    expect(config.runner.inbox.options["url"]).toBe("server://other");
    expect(await problemsOf(load(`${state(url)}[runner.inbox]\nurl = "x"`))).toMatchObject([{ path: "runner.inbox.url" }]);
  });
});

describe("secrets among the options", () => {
  test("are not printed, and are masked wherever they appear", async () => {
    const retry = 'retry = { times = 3, token = "retry-token" }\nschema = "${S}"\ntable = "shown"';
    const { config } = await load(`[runner.state]\nkind = "server"\n${url}${retry}`, { S: "from-env" });
    const printed = printableConfig(config);
    expect(printed).toMatchObject({
      runner: {
        state: { kind: "server", options: { url: "***", schema: "***", table: "shown", retry: { times: 3, token: "***" } } },
        inbox: { kind: "server", maxDepth: 1_000_000, options: { url: "***", schema: "***" } },
      },
    });
    for (const secret of ["s3cret", "retry-token", "from-env"]) expect(JSON.stringify(printed)).not.toContain(secret);
    expect(maskSecrets("s3cret, server://ada:s3cret@host/db, retry-token")).toBe("***, ***, ***");
  });

  test("of a package without a schema cannot be distinguished from the others, so that none is printed", async () => {
    const options = 'api_key = "${KEY}"\naddress = "x://a:pa55word@h"\nname = "literal"';
    const { config } = await load(`[runner.state]\nkind = "plain"\n${options}`, { KEY: "k3y-value" });
    const hidden = { api_key: "***", address: "***", name: "***" };
    expect(printableConfig(config)).toMatchObject({ runner: { state: { options: hidden } } });
    expect(maskSecrets("k3y-value, pa55word, literal")).toBe("***, ***, literal");
  });

  test("are hidden altogether in options that loadConfig did not make", async () => {
    const { config } = await load(`[runner.state]\nkind = "server"\n${url}`);
    const runner = { ...config.runner, state: { ...config.runner.state } };
    expect(printableConfig({ ...config, runner })).toMatchObject({ runner: { state: { kind: "server", options: "***" } } });
  });

  test("do not silence a message that their schema holds as a text", async () => {
    expect(await problemsOf(load('[runner.state]\nkind = "server"\nurl = "host/password"'))).toMatchObject([
      { message: "expected server://user:password@host, got ***" },
    ]);
  });
});

describe("one file for two purposes", () => {
  const files = (state: string, inbox: string) =>
    `[runner.state]\nkind = "disk"\npath = "${state}"\n[runner.inbox]\nkind = "disk"\npath = "${inbox}"`;

  test.each([
    ["stdout:", files("./data/state", "data/../data/state"), "runner.inbox.path", "is a file of [runner.state]"],
    ["file:./data/state", files("data/state", "data/inbox"), "statewave.url", "names a file of [runner.state]"],
    ["file:data/inbox", files("data/state", "./data/inbox"), "statewave.url", "names a file of [runner.inbox]"],
  ])("is refused: %s and %j", async (episodes, tables, path, message) => {
    expect(await problemsOf(loadText(`[statewave]\nurl = "${episodes}"\n${tables}`))).toMatchObject([
      { path, line: expect.any(Number), message: expect.stringContaining(message), hint: "name another file" },
    ]);
  });

  test("is not what two files in one folder are", async () => {
    const { config } = await loadText(`[statewave]\nurl = "file:data/episodes"\n${files("data/state", "data/inbox")}`);
    expect(config.runner.inbox.options).toEqual({ path: "data/inbox" });
  });
});
