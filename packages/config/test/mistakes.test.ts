import { spawnSync } from "node:child_process";
import { closeSync, ftruncateSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../src/index.ts";
import { errorOf, loadEntries, loadText, problemsOf, temporaryFolder } from "./load-text.ts";

const sink = '[statewave]\nurl = "stdout:"\n';
const entry = (lines: string, kind = "full") => `[[pull.${kind}]]\nname = "a"\nschedule = "every 1h"\n${lines}\n`;

describe("a file that is no TOML: where, what and the fix", () => {
  test.each<[string, number, string, string]>([
    ['[statewave]\nurl = "stdout:\n[runner]', 2, "a string is not closed (column 15)", 'use """'],
    ["[statewave]\r\nurl = 'stdout:\r\n[runner]", 2, "a string is not closed", "close it with the quote"],
    ['[statewave]\nurl = """stdout:\n\n', 2, "a string is not closed (column 7)", "close it"],
    [`${sink}url = "x"`, 3, "the key statewave.url is already set on line 2", "remove one"],
    [`${sink}[[pull.full]]\nname = "a"\n"name" = "b"`, 5, "the key pull.full[0].name is already set on line 4", "remove one"],
    [`${sink}[runner]\n[runner.state]\n[runner]`, 5, "runner is already defined on line 3", "[runner] under one header"],
    [`${sink}[pull.full]\n[[pull.full]]`, 4, "pull.full is already defined on line 3", "[[pull.full]] with two brackets"],
    [`${sink}x = { a = 1, a = 2 }`, 3, "set twice in an inline table", "remove one"],
    [`${sink}x = json`, 3, "the value is not quoted text", "put text in quotes"],
    [`${sink}x = “json”`, 3, "the value is not quoted text", "straight quotes"],
    [`${sink}x =`, 3, "a key has no value", "header or key"],
    [`${sink}just words`, 3, "illegal character in key", "header or key"],
    ["[statewave\nurl = 3", 1, "a header [ is not closed (column 11)", "close it with ]"],
    [`${sink}[runner # the process`, 3, "a header [ is not closed", "close it with ]"],
    [`${sink}[[push.full\r\nname = "a"`, 3, "a header [[ is not closed", "close it with ]]"],
    [`${sink}[[pull.full`, 3, "a header [[ is not closed", "close it with ]]"],
    [`${sink}[[push.sl ack]]`, 3, "a name in a header [[…]] has a space in it", "without the space, or in quotes"],
    [`${sink}[run ner.state]`, 3, "a name in a header […] has a space in it", "without the space, or in quotes"],
    [`${sink}max items = 3`, 3, "a key has a space in it", "without the space, or in quotes"],
    [`${sink}x = ${"[".repeat(40)}${"]".repeat(40)}`, 3, "nested deeper than 32 levels", "check the brackets"],
    [`${sink}x = ${"{ a = ".repeat(3_000)}`, 3, "nested deeper than 32 levels", "check the brackets"],
    [`${sink}x = "C:\\dir"`, 3, "unrecognised escape sequence", "single quotes"],
    [`${sink}x = "C:\\Users"`, 3, "a \\u, \\U or \\x in a string has too few digits", "single quotes"],
    [`${sink}.a = 1`, 3, "a name before a dot is missing", "remove the dot, or write the name"],
    [`${sink}a..b = 1`, 3, "a name before a dot is missing", "remove the dot, or write the name"],
    [`${sink}x = 5m`, 3, "neither a number nor a date", 'such as "5m"'],
    [`${sink}x = 127.0.0.1:9464`, 3, "neither a number nor a date", "put text in quotes"],
    [`${sink}x = 2024-1-31`, 3, "neither a number nor a date", "put text in quotes"],
    [`${sink}x = 2024-01-31T9:00`, 3, "invalid date", "2024-01-31T09:00:00Z"],
    [`${sink}x = True`, 3, "the value is not quoted text", "write true, in lower case"],
    [`${sink}x = no # never`, 3, "the value is not quoted text", "write false"],
    [`${sink}x = None`, 3, "the value is not quoted text", "leave the key out"],
    [`${sink}x = yes-but`, 3, "the value is not quoted text", "put text in quotes"],
    [`${sink}x\u00a0= 1`, 3, "the invisible character U+00A0 is part of no key and no value (column 2)", "remove it"],
    [`${sink}x = \u20071`, 3, "the invisible character U+2007", "remove it"],
    [`${sink}x = 1\u200b`, 3, "the invisible character U+200B", "remove it"],
    [`${sink}x = [1, 2`, 3, "a comma or the closing bracket is missing", "close"],
    [`${sink}x = 007`, 3, "a number begins with 0", "in quotes"],
    [`${sink}x = 1 y = 2`, 3, "text follows the value", "one key on each line"],
    [`${sink}x = "a\u0007b"`, 3, "control characters are not allowed in strings: U+0007", "remove it"],
    [`${sink}# \0`, 3, "control characters are not allowed in comments: U+0000", "remove it"],
  ])("%j", async (text, line, message, hint) => {
    expect(await problemsOf(loadText(text))).toEqual([
      {
        path: "",
        line,
        message: expect.stringContaining(message),
        hint: expect.stringContaining(hint),
      },
    ]);
  });

  test.each([
    ["[[pull.Full]]", "pull.Full", "did you mean full?"],
    ["[[push.FULL]]", "push.FULL", "did you mean full?"],
    ['[[pull."fu ll"]]', 'pull."fu ll"', "did you mean full?"],
    ["[[pull.Zulip]]", "pull.Zulip", "write zulip"],
  ])("%s names a kind in a way that none can be called, and the one that is meant is proposed", async (header, path, hint) => {
    expect(await problemsOf(loadEntries(`${header}\nname = "a"\nschedule = "every 1h"`))).toContainEqual(
      expect.objectContaining({ path, message: expect.stringContaining("a kind is a-z"), hint }),
    );
  });

  test("so does the table of their packages", async () => {
    const problems = await problemsOf(loadText(`${sink}[connectors]\nFull = "./full.mjs"`));
    expect(problems).toMatchObject([
      { path: "connectors.Full", message: expect.stringContaining("a kind is"), hint: "write full" },
    ]);
  });

  test("UTF-16 is recognized with and without its byte order mark", async () => {
    for (const bytes of [Buffer.from(sink, "utf16le"), Buffer.from(`\uFEFF${sink}`, "utf16le")])
      expect((await errorOf(loadText(bytes))).message).toContain("not UTF-8 text but UTF-16 (save it as UTF-8)");
  });

  test("bytes of another encoding are found on their line", async () => {
    const text = Buffer.concat([Buffer.from(`${sink}# caf`), Uint8Array.of(0xe9), Buffer.from("\n# more\n")]);
    expect(await problemsOf(loadText(text))).toMatchObject([{ line: 3, hint: "save it as UTF-8" }]);
  });

  test("a file of many gigabytes is refused before it is read", async () => {
    const cwd = temporaryFolder();
    const file = openSync(join(cwd, "huge.toml"), "w");
    ftruncateSync(file, 8 * 1024 ** 3);
    closeSync(file);
    const error = await errorOf(loadConfig({ cwd, configPath: "huge.toml", env: {} }));
    expect(error.message).toContain("larger than");
  });
});

describe("a mistake in valid TOML", () => {
  test.each<[string, string, string, string]>([
    ["[[pull.ful]]", "pull.ful", 'there is no package for the connector "ful"', "did you mean full?"],
    ["[[push.zulip]]", "push.zulip", 'there is no package for the connector "zulip"', "npm install"],
    ['[runner.state]\nkind = "dsk"', "runner.state.kind", 'there is no package for the cursor-store "dsk"', "did you mean disk?"],
    [
      '[runner.state]\nkind = "memroy"',
      "runner.state.kind",
      'there is no package for the cursor-store "memroy"',
      "did you mean memory?",
    ],
    ['[runner.inbox]\nkind = "plian"', "runner.inbox.kind", 'there is no package for the inbox "plian"', "did you mean plain?"],
    ['[runner]\nlog_format = "txt"', "runner.log_format", 'got "txt"', "did you mean text?"],
    ['[runner]\nport = "3000"', "runner.port", "expected a number", "without quotes"],
    ["[runner]\ndrain_timeout = 25", "runner.drain_timeout", "got 25", 'write a duration such as "25s"'],
    ['[runner]\nstate = "disk"', "runner.state", "expected a table", "write [runner.state]"],
    ["[runner]\nport = 9007199254740993", "runner.port", "beyond 9007199254740991", "in quotes"],
    ["[runner]\nport = -9223372036854775809", "runner.port", "at most 64 bits", "in quotes"],
    [entry('repo = "r"\ntoken = 12345678901234567890'), "pull.full[0].token", "at most 64 bits", "in quotes"],
    [
      entry('repo = "r"\nheaders = { "a\\u0001" = "b" }'),
      'pull.full[0].headers."a\\u0001"',
      "control character U+0001",
      "remove it",
    ],
    ['[runner.state]\nkind = "plain"\n"x\\ty" = 1', 'runner.state."x\\ty"', "control character U+0009", "remove it"],
    [
      '[runner.metrics]\npath = "/full/a/events"\n[[push.full]]\nname = "a"\nsigning_secret = "s"',
      "runner.metrics.path",
      "/full/a/events is the path of the receiver push.full[0]",
      "/metrics",
    ],
    [
      '[runner.admin]\nlisten = "9464"\nconsole = true\n[runner.metrics]\npath = "/console/inbox"',
      "runner.metrics.path",
      "/console/inbox is a path of the page for operators",
      "/metrics",
    ],
    [
      '[runner.admin]\nlisten = "127.0.0.1:3000"',
      "runner.admin.listen",
      "port 3000 is the port of the webhooks",
      "choose another",
    ],
    [
      '[runner]\nhost = "localhost"\n[runner.admin]\nlisten = "127.0.0.1:3000"',
      "runner.admin.listen",
      "port 3000 is the port of the webhooks",
      "choose another",
    ],
    [
      entry('repo = "r"\n"re\u{e0062}po" = 1'),
      'pull.full[0]."re\u{e0062}po"',
      "the invisible character U+E0062",
      "did you mean repo?",
    ],
    [entry('repo = "r"\n"re\u200bpo" = 1'), 'pull.full[0]."re\u200bpo"', "the invisible character U+200B", "did you mean repo?"],
    [entry('repo = "r"\nsubject = 2025-02-30'), "pull.full[0].subject", "2025-02-30 is not a day", "correct the day"],
    [entry('repo = "r"\nrules = [{ match = "m", until = 2023-02-29T00:00:00Z }]'), "pull.full[0].rules", "2023-02-29", "correct"],
    [entry('repo = "r"\nsubject = 09:00:00'), "pull.full[0].subject", "a time of day without a date", "2024-01-31T09:00:00Z"],
    [entry('repo = "r"\nsubject = 2025-02-01T09:00:00'), "pull.full[0].subject", "without an offset", "end it with Z"],
    ["[pull]\nname = 3", "pull.name", "expected entries under [[pull.<kind>]]", "[[pull.<kind>]]"],
  ])("%j", async (text, path, message, hint) => {
    const problems = await problemsOf(loadEntries(text));
    expect(problems.find((problem) => problem.path === path)).toMatchObject({
      line: expect.any(Number),
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
  });

  test.each([
    ['[statewave]\nurl = "http://a\\nb"', "statewave.url"],
    [`${sink}[runner]\nhost = "a\\u0000b"`, "runner.host"],
    [`${sink}[runner]\nstate_dir = "x\\u0000"`, "runner.state_dir"],
  ])("control characters in text: %j", async (text, path) => {
    expect(await problemsOf(loadText(text))).toMatchObject([
      { path, message: expect.stringContaining("expected text without control characters") },
    ]);
  });

  test.each(["0.0.0.0:3000", "http://localhost", "[::1]", "127.1", "a b"])("the address %j to listen on", async (host) => {
    expect(await problemsOf(loadText(`${sink}[runner]\nhost = "${host}"`))).toMatchObject([
      { path: "runner.host", line: 4, message: expect.stringContaining("an address or a host name without a port") },
    ]);
  });

  test.each(["Content-Length", "host", "X-API-Key", "Authorization", "transfer-encoding"])(
    "the tenant in the header %s, which a request needs for something else",
    async (name) => {
      expect(await problemsOf(loadText(`${sink}tenant_id = "t"\ntenant_header = "${name}"`))).toContainEqual(
        expect.objectContaining({
          path: "statewave.tenant_header",
          line: 4,
          message: expect.stringContaining("name another one"),
        }),
      );
    },
  );

  test("characters that drive a terminal or turn the reading direction are shown as escapes", async () => {
    const { message } = await errorOf(loadText(`${sink}[runner]\nlog_level = "a\u009b31m\u202eb"`));
    expect(message).toContain(String.raw`a\u009b31m\u202eb`);
  });

  test.each([
    ["every 36501d", "every 15m"],
    ["*,".repeat(50_000), "every 15m"],
  ])("a schedule that cannot be: the hint does not repeat it, and a long one is not shown whole", async (schedule, hint) => {
    const [problem] = await problemsOf(loadEntries(`[[pull.full]]\nname = "a"\nrepo = "r"\nschedule = "${schedule}"`));
    expect(problem).toMatchObject({ path: "pull.full[0].schedule", hint: expect.stringContaining(hint) });
    expect(problem?.message.length).toBeLessThan(600);
  });

  test.each(["/", "//metrics", "/metrics/", "/a/../healthz", "/./readyz"])("metrics at %s", async (path) => {
    expect(await problemsOf(loadText(`${sink}[runner.metrics]\npath = "${path}"`))).toMatchObject([
      { path: "runner.metrics.path" },
    ]);
  });

  test.each(["2024-02-29", "1979-05-27T07:32:00Z", "1979-05-27 00:32:00-07:00", "0001-01-01"])(
    "%s is a day of the calendar",
    async (date) => {
      const problems = await problemsOf(loadEntries(entry(`repo = "r"\nsubject = ${date}`)));
      expect(problems).toMatchObject([{ message: "expected a string, got a date" }]);
    },
  );

  test("a file without a source is refused where one is run", async () => {
    await expect(loadText(sink)).resolves.toBeDefined();
    for (const text of [sink, `${sink}[pull]\n`, `${sink}[push]\n`]) {
      expect(await problemsOf(loadText(text, { requireEntries: true }))).toMatchObject([
        { path: "", message: expect.stringContaining("no source") },
      ]);
    }
    // Together with what else is wrong.
    expect(await problemsOf(loadText("", { requireEntries: true }))).toHaveLength(2);
    expect(await problemsOf(loadText(`pull = 3\n${sink}`, { requireEntries: true }))).toHaveLength(1);
  });
});

describe("a place that holds no file", () => {
  test("a folder", async () => {
    const cwd = temporaryFolder();
    await expect(loadConfig({ cwd, configPath: ".", env: {} })).rejects.toMatchObject({
      code: "CONFIG_NOT_FOUND",
      message: `${cwd} is a folder, not a configuration file`,
      hint: expect.stringContaining(join(cwd, "statewave-connectors.toml")),
    });
  });

  test("a pipe without a writer does not hang", async () => {
    const cwd = temporaryFolder();
    expect(spawnSync("mkfifo", [join(cwd, "pipe")]).status).toBe(0);
    for (const options of [{ configPath: "pipe", env: {} }, { env: { STATEWAVE_CONNECTORS_CONFIG: "pipe" } }]) {
      await expect(loadConfig({ cwd, ...options })).rejects.toMatchObject({
        code: "CONFIG_NOT_FOUND",
        message: expect.stringContaining("is a pipe"),
      });
    }
  });

  test("a device", async () => {
    await expect(loadConfig({ configPath: "/dev/null", env: {} })).rejects.toMatchObject({
      message: "/dev/null is a device, not a configuration file",
    });
  });

  test("of two places that are looked at, a folder of this name is passed over", async () => {
    const home = temporaryFolder();
    spawnSync("mkdir", ["-p", join(home, "statewave-connectors.toml"), join(home, ".config/statewave-connectors")]);
    writeFileSync(join(home, ".config/statewave-connectors/config.toml"), sink);
    expect((await loadConfig({ cwd: home, env: { HOME: home } })).foundBy).toBe("home");
  });
});
