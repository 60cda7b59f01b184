import { describe, expect, test } from "vitest";
import { describeError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { errorOf, loadEntries, loadText, problemsOf, temporaryFolder } from "./load-text.ts";

const sink = '[statewave]\nurl = "stdout:"\n';
const pull = (lines: string, kind = "full") => `[[pull.${kind}]]\nname = "a"\nschedule = "every 1h"\n${lines}\n`;

test("everything that is wrong is reported at once, in the order of the file", async () => {
  const cwd = temporaryFolder();
  const error = await errorOf(
    loadEntries(
      `[runner]
port = 70000
drain_timout = "25s"
[[pull.full]]
name = "a"
schedule = "every 0s"
repo = 7
[[pull.absent]]
name = "b"
schedule = "60 * * * *"
max_items = 0
[[pull.throws]]
name = "c"
schedule = "every 1h"
[[push.full]]
name = "A"
pull = "b"
`,
      { cwd },
    ),
  );
  expect(error.problems.map((problem) => [problem.line, problem.path])).toEqual([
    [4, "runner.port"],
    [5, "runner.drain_timout"],
    [8, "pull.full[0].schedule"],
    [9, "pull.full[0].repo"],
    [10, "pull.absent"],
    [12, "pull.absent[0].schedule"],
    [13, "pull.absent[0].max_items"],
    [14, "pull.throws"],
    [17, "push.full[0].signing_secret"],
    [18, "push.full[0].name"],
    [19, "push.full[0].pull"],
  ]);
  expect(error.path).toBe(`${cwd}/test.toml`);
  expect(error.message.split("\n")).toHaveLength(12);
  expect(error.message).toContain(
    "test.toml has 11 problems\n  line 4: runner.port: expected a whole number from 0 to 65535, got 70000\n",
  );
  expect(error.message).toContain("line 5: runner.drain_timout: unknown key (did you mean drain_timeout?)");
  expect(error.cause).toMatchObject({ message: "the disk is on fire" });
  expect(isConnectorsError(error, "CONFIG_INVALID")).toBe(true);
  expect(describeError(error)).toContain("CONFIG_INVALID");
});

describe("a wrong value", () => {
  test.each([
    ['[runner]\nport = "3000"', "runner.port", 'expected a number, got "3000"'],
    ["[runner]\nport = 3000.5", "runner.port", "expected a whole number from 0 to 65535, got 3000.5"],
    ["[runner]\nport = nan", "runner.port", "expected a number, got NaN"],
    ["[runner]\nport = [1]", "runner.port", "expected a number, got a list"],
    ['[runner]\nhost = ""', "runner.host", 'expected some text, got ""'],
    ['[runner]\nlog_format = "xml"', "runner.log_format", 'expected ("json" | "text"), got "xml"'],
    [
      '[runner]\ntimezone = "Mars/Base"',
      "runner.timezone",
      'expected a time zone such as "UTC" or "Europe/Berlin", got "Mars/Base"',
    ],
    ['[runner]\ntimezone = ""', "runner.timezone", 'expected a time zone such as "UTC" or "Europe/Berlin", got ""'],
    ["[runner]\ndrain_timeout = 25", "runner.drain_timeout", "expected a string, got 25"],
    ['[runner]\ndrain_timeout = "25"', "runner.drain_timeout", expect.stringContaining('expected a duration such as "25s"')],
    ['[runner]\nsync_timeout = "0s"', "runner.sync_timeout", expect.stringContaining("longer than nothing")],
    ['[runner]\nsync_timeout = "9999d"', "runner.sync_timeout", expect.stringContaining("at most a year")],
    ['[runner]\nmax_body = "1 MiB"', "runner.max_body", expect.stringContaining('expected a size such as "1MiB"')],
    ['[runner]\nmax_body = "0B"', "runner.max_body", expect.stringContaining("expected a size")],
    ["[runner]\nmax_body = -1", "runner.max_body", expect.stringContaining("expected a size")],
    ["[runner]\nhide_mounts = 1", "runner.hide_mounts", "expected true or false, got 1"],
    ["[runner]\nhide_mounts = 2026-01-01", "runner.hide_mounts", "expected true or false, got a date"],
    ['[runner.state]\nkind = "../x"', "runner.state.kind", 'expected a-z, 0-9 and -, got "../x"'],
    ["[runner.inbox]\nmax_depth = 0", "runner.inbox.max_depth", expect.stringContaining("expected a whole number from 1")],
    ['[runner.metrics]\npath = "metrics"', "runner.metrics.path", 'expected a path such as "/metrics", got "metrics"'],
    ['[runner.metrics]\npath = "/healthz"', "runner.metrics.path", 'expected a path that no probe uses, got "/healthz"'],
    ['[runner.metrics]\nauth = "none"', "runner.metrics.auth", 'expected a table, got "none"'],
    ['[runner.metrics]\nauth = { kind = "digest" }', "runner.metrics.auth.kind", expect.stringContaining('"bearer"')],
    ['[runner.metrics]\nauth = { kind = "bearer" }', "runner.metrics.auth.token", "is required"],
    ['[runner.metrics]\nauth = { kind = "bearer", token = "" }', "runner.metrics.auth.token", "expected some text, got ***"],
    ['[runner.metrics]\nauth = { kind = "none", token = "x" }', "runner.metrics.auth.token", "unknown key"],
    ['[connectors]\nGitHub = "x"', "connectors.GitHub", expect.stringContaining("a kind is a-z")],
    ['[connectors]\ngithub = "no such name"', "connectors.github", expect.stringContaining("expected the name of a package")],
    ["[connectors]\ngithub = 1", "connectors.github", expect.stringContaining("expected the name of a package")],
  ])("%s", async (text, path, message) => {
    expect(await problemsOf(loadText(`${sink}${text}`))).toMatchObject([{ path, message }]);
  });

  test("a missing sink is a problem", async () => {
    expect(await problemsOf(loadText(""))).toEqual([{ path: "statewave.url", message: "is required" }]);
    expect(await problemsOf(loadText("[runner]\n[statewave]"))).toEqual([
      { path: "statewave.url", line: 2, message: "is required" },
    ]);
  });

  test.each([
    ["statewave = 1", "statewave"],
    [`${sink}[[runner]]`, "runner"],
    [`pull = []\n${sink}`, "pull"],
    [`pull = "x"\n${sink}`, "pull"],
    [`${sink}[pull.full]\nname = "a"`, "pull.full"],
    [`${sink}[pull]\nfull = ["a"]`, "pull.full"],
  ])("what should be a table is reported if it is none: %j", async (text, path) => {
    const problems = await problemsOf(loadText(text));
    expect(problems.map((problem) => problem.path)).toContain(path);
    expect(problems.find((problem) => problem.path === path)!.message).toMatch(/^expected/);
  });
});

describe("an unknown key", () => {
  test.each([
    ["[statewav]\nurl = 1", "statewav", "did you mean statewave?"],
    ["[runer]", "runer", "did you mean runner?"],
    ["[statewave.api]\nkey = 1", "statewave.api", undefined],
    ['[[source.github]]\nname = "a"', "source", "write [[pull.github]] or [[push.github]]"],
    ['[[sources]]\nname = "a"', "sources", undefined],
    ["[runner]\nmaxBody = 1", "runner.maxBody", "did you mean max_body?"],
    ["[runner]\nstate-dir = 1", "runner.state-dir", "did you mean state_dir?"],
    ["[runner.inbox]\ndedup_windw = 1", "runner.inbox.dedup_windw", "did you mean dedup_window?"],
    ["[runner.metrics]\nzzzzzz = 1", "runner.metrics.zzzzzz", undefined],
    [pull('repo = "r"\nrepos = 1'), "pull.full[0].repos", "did you mean repo?"],
    [pull('repo = "r"\nshedule = 1'), "pull.full[0].shedule", "did you mean schedule?"],
    [pull('repo = "r"\nproxy = { hots = 1, host = "h" }'), "pull.full[0].proxy.hots", "did you mean host?"],
    [
      pull('repo = "r"\nrules = [{ match = "m" }, { match = "m", wieght = 1 }]'),
      "pull.full[0].rules[1].wieght",
      "did you mean weight?",
    ],
    [pull('repo = "r"\naccount = { type = "app", app_id = 1, token = "t" }'), "pull.full[0].account.token", undefined],
    [pull('path = "p"\npaht = "q"', "pullonly"), "pull.pullonly[0].paht", "did you mean path?"],
    [pull('repo = "r"\n__proto__ = 1'), "pull.full[0].__proto__", undefined],
    [pull('repo = "r"\nconstructor = 1'), "pull.full[0].constructor", undefined],
    [pull('repo = "r"\n"a.b" = 1'), 'pull.full[0]."a.b"', undefined],
    [pull('repo = "r"\n"" = 1'), 'pull.full[0].""', undefined],
  ])("%s", async (text, path, hint) => {
    const load = text.startsWith("[statewave") ? loadText(`${text}\n[runner]\n`) : loadEntries(text);
    const found = (await problemsOf(load)).filter((problem) => problem.message.startsWith("unknown"));
    expect(found).toMatchObject([{ path, ...(hint !== undefined && { hint }) }]);
    expect("hint" in found[0]!).toBe(hint !== undefined);
    expect(found[0]!.line).toBeGreaterThan(0);
  });

  test("any key may stand in a record, and a key of a loose place is no mistake", async () => {
    const { config } = await loadEntries(pull('repo = "r"\nheaders = { anything = "x", repo = "y" }'));
    expect(config.pull[0]!.options).toMatchObject({ headers: { anything: "x", repo: "y" } });
  });
});

describe("an entry", () => {
  test.each([
    ['[[pull.full]]\nschedule = "every 1h"\nrepo = "r"', "pull.full[0].name", "is required"],
    ['[[pull.full]]\nname = "a"\nrepo = "r"', "pull.full[0].schedule", "is required"],
    [
      '[[pull.full]]\nname = "a/b"\nschedule = "every 1h"\nrepo = "r"',
      "pull.full[0].name",
      expect.stringContaining("expected a-z, 0-9, - and _"),
    ],
    [
      '[[pull.full]]\nname = "-a"\nschedule = "every 1h"\nrepo = "r"',
      "pull.full[0].name",
      expect.stringContaining("expected a-z, 0-9, - and _"),
    ],
    ['[[pull.full]]\nname = "a"\nschedule = 5\nrepo = "r"', "pull.full[0].schedule", "expected a string, got 5"],
    [pull('repo = "r"\ncatch_up = "twice"'), "pull.full[0].catch_up", 'expected ("once" | "skip"), got "twice"'],
    [pull('repo = "r"\nsubject = ""'), "pull.full[0].subject", 'expected some text, got ""'],
    [pull("repo = []"), "pull.full[0].repo", "expected a string, got a list"],
    [pull('repo = "r"\ntoken = 12345678'), "pull.full[0].token", "expected a string, got ***"],
    [pull("level = []", "other"), "pull.other[0].level", "no level: "],
    [pull("", "throwing"), "pull.throwing[0]", "its schema failed with Error"],
    [pull("", "pushonly"), "pull.pushonly", "the connector has no pull"],
    ['[[push.pullonly]]\nname = "a"', "push.pullonly", "the connector has no push"],
    ['[["pull"."Full"]]\nname = "a"', "pull.Full", expect.stringContaining("a kind is a-z")],
    ['[[pull.__proto__]]\nname = "a"', "pull.__proto__", expect.stringContaining("a kind is a-z")],
    ['[[pull."../x"]]\nname = "a"', 'pull."../x"', expect.stringContaining("a kind is a-z")],
    [pull("", "constructor"), "pull.constructor", expect.stringContaining('there is no package for the connector "constructor"')],
  ])("%s", async (text, path, message) => {
    expect(await problemsOf(loadEntries(text))).toMatchObject([{ path, message }]);
  });

  test("a name is taken once per kind and direction", async () => {
    const entry = (direction: string, kind: string, lines: string) => `[[${direction}.${kind}]]\nname = "a"\n${lines}\n`;
    const timed = 'schedule = "every 1h"\n';
    const text =
      entry("pull", "full", `${timed}repo = "r"`) +
      entry("pull", "pullonly", `${timed}path = "p"`) +
      entry("push", "full", 'signing_secret = "s"');
    await expect(loadEntries(text)).resolves.toBeDefined();
    expect(await problemsOf(loadEntries(text + entry("pull", "full", `${timed}repo = "r"`)))).toMatchObject([
      { path: "pull.full[1].name", line: 15, message: "the name is taken by pull.full[0]" },
    ]);
  });

  test("the twin of a receiver is a pull entry of its kind, also one with a problem of its own", async () => {
    const receiver = (twin: string) => `[[push.full]]\nname = "x"\nsigning_secret = "s"\npull = "${twin}"\n`;
    const sources = pull('repo = "r"') + pull('path = "p"', "pullonly").replace('"a"', '"other-kind"');
    expect((await loadEntries(sources + receiver("a"))).config.push[0]).toMatchObject({ pull: "a" });
    expect(await problemsOf(loadEntries(sources + receiver("other-kind")))).toMatchObject([
      { path: "push.full[0].pull", message: "there is no [[pull.full]] entry of this name" },
    ]);
    expect(await problemsOf(loadEntries(pull("repo = 1") + receiver("a")))).toMatchObject([{ path: "pull.full[0].repo" }]);
  });
});

describe("hostile files", () => {
  const deep = (open: string, close: string, count: number) => open.repeat(count) + close.repeat(count);

  test.each<[string, string | Uint8Array, string]>([
    ["a syntax error", `${sink}[runner\nport = 1`, "not valid TOML"],
    ["a key set twice", `${sink}url = "http://x"`, "not valid TOML"],
    ["an open string", '[statewave]\nurl = "secret', "not valid TOML"],
    ["NUL", `${sink}x = "a\0b"`, "control characters"],
    ["NUL in a comment", `${sink}# \0`, "control characters"],
    ["deep lists", `${sink}x = ${deep("[", "]", 100_000)}`, "nested"],
    ["deep inline tables", `${sink}x = ${deep("{ a = ", " }", 5_000)}`, "nested"],
    ["a deep header", `${sink}[${"a.".repeat(50_000)}a]`, "nested"],
    ["deep dotted keys", `${sink}[runner]\n${"a.".repeat(50_000)}a = 1`, "nested"],
    ["a huge file", new Uint8Array(4 * 1024 * 1024 + 1).fill(0x20), "larger than"],
    ["binary", Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe, 0x00), "not UTF-8"],
    ["UTF-16", Buffer.concat([Uint8Array.of(0xff, 0xfe), Buffer.from(sink, "utf16le")]), "UTF-16"],
    ["a lone surrogate", Buffer.from(`${sink}x = "\\uD800"`), "not valid TOML"],
    ["a number too large", `${sink}[runner]\nport = 99999999999999999999`, "not valid TOML"],
  ])("%s is refused with one problem's worth of words", async (_, text, reason) => {
    const error = await errorOf(loadText(text));
    expect(error.message).toContain(reason);
    expect(error.message.length).toBeLessThan(1_000);
  });

  test("a syntax error has its line and column, and quotes nothing of the file", async () => {
    const error = await errorOf(loadText('[statewave]\nurl = "stdout:"\napi_key = "s3cr3t" x\n'));
    expect(error.problems).toEqual([
      {
        path: "",
        line: 3,
        message: expect.stringMatching(/^not valid TOML: .*\(column 20\)$/),
        hint: "write one key on each line, and text in quotes",
      },
    ]);
    expect(error.message).not.toContain("s3cr3t");
    expect(error.cause).toBeUndefined();
  });

  test("a byte order mark and CRLF do no harm", async () => {
    const { config } = await loadText(`\uFEFF${sink}[runner]\nport = 4000\n`.replaceAll("\n", "\r\n"));
    expect(config.runner.port).toBe(4000);
    expect(await problemsOf(loadText(`\uFEFF${sink}[runner]\nport = -1\n`.replaceAll("\n", "\r\n")))).toMatchObject([
      { line: 4 },
    ]);
  });

  test("keys named like parts of an object pollute nothing", async () => {
    const text =
      '[statewave]\nurl = "stdout:"\n[__proto__]\npolluted = 1\n[constructor.prototype]\npolluted = 1\n[runner.__proto__]\nport = 1';
    const problems = await problemsOf(loadText(text));
    expect(problems.map((problem) => problem.path)).toEqual(["__proto__", "constructor", "runner.__proto__"]);
    expect({}).not.toHaveProperty("polluted");
    const adapter = await loadText(`${sink}[runner.state]\nkind = "plain"\n[runner.state.__proto__]\npolluted = 1`);
    expect(adapter.config.runner.state.options).not.toHaveProperty("polluted");
  });

  test("a problem stays on its line whatever the value holds", async () => {
    const error = await errorOf(loadText(`${sink}[runner]\nlog_format = "a\\nb\\u001b[31m\\u2028c"\n"x\\ny" = 1`));
    expect(error.message.split("\n")).toHaveLength(3);
    // eslint-disable-next-line no-control-regex -- they must not be there
    expect(error.message).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u2028]/);
  });

  test("ten thousand unknown keys are all reported", async () => {
    const keys = Array.from({ length: 10_000 }, (_, index) => `prot${index} = 1`).join("\n");
    expect(await problemsOf(loadText(`${sink}[runner]\n${keys}`))).toHaveLength(10_000);
  });
});
