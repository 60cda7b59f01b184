import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { maskSecrets } from "@statewave-connectors/connector-sdk/secrets";
import { describe, expect, test } from "vitest";
import { interpolate } from "../src/references/interpolate.ts";
import { loadEntries, problemsOf, temporaryFolder } from "./load-text.ts";

const variables: Record<string, string> = {
  A: "one",
  B: "$A ${A}",
  EMPTY: "",
  VOID: "",
  _x9: "nine",
  MOUNTED_FILE: "/run/mounted",
  EMPTY_FILE: "/run/empty",
  LOST_FILE: "/missing",
  TWICE: "one",
  TWICE_FILE: "/run/two",
};
const lookups = {
  variable: (name: string) => (Object.hasOwn(variables, name) ? variables[name] : undefined),
  file: (path: string) => {
    if (path === "/missing") throw new Error("there is no file /missing");
    return `<${path}>`;
  },
};

describe("in one string", () => {
  test.each([
    ["plain", "plain", false],
    ["${A}", "one", true],
    ["a-${A}-${_x9}", "a-one-nine", true],
    ["${NONE:-two}", "two", true],
    ["${NONE:-}", "", true],
    ["${A:-two}", "one", true],
    ["${MOUNTED}", "</run/mounted>", true],
    ["${MOUNTED:-two}", "</run/mounted>", true],
    ["${EMPTY}", "</run/empty>", true],
    ["${VOID:-two}", "two", true],
    ["${VOID}", "", true],
    ["${NONE:-http://h:1/p?q=$1}", "http://h:1/p?q=$1", true],
    ["${B}", "$A ${A}", true],
    ["$$", "$", false],
    ["$${A}", "${A}", false],
    ["$$${A}", "$one", true],
    ["$A costs $5, ^x$", "$A costs $5, ^x$", false],
    ["$NAME and more", "$NAME and more", false],
    ["$unknown", "$unknown", false],
    ["$5", "$5", false],
    ["$$GITHUB_TOKEN", "$GITHUB_TOKEN", false],
    ["${file:/run/secret}", "</run/secret>", true],
    ["${file:a b/ü.txt}", "<a b/ü.txt>", true],
    ["{A}", "{A}", false],
  ])("%s becomes %s", (text, expected, replaced) => {
    expect(interpolate(text, lookups)).toEqual({ text: expected, replaced, faults: [] });
  });

  test.each([
    ["${NONE}", "NONE is not set"],
    ["${}", "neither a variable nor file"],
    ["${A-B}", "neither a variable nor file"],
    ["${1A}", "neither a variable nor file"],
    ["${A", "no closing brace"],
    ["${A:-${B}}", "holds another reference"],
    ["${file:/missing}", "there is no file /missing"],
    ["${LOST}", "LOST_FILE: there is no file /missing"],
    ["${TWICE}", "TWICE and TWICE_FILE are both set"],
    ["${__proto__}", "__proto__ is not set"],
    ["${constructor}", "constructor is not set"],
    ["$GITHUB_TOKEN", "$GITHUB_TOKEN without braces is text"],
    ["$_x9", "$_x9 without braces is text"],
  ])("%s is refused: %s", (text, reason) => {
    const { faults } = interpolate(text, lookups);
    expect(faults).toHaveLength(1);
    expect(faults[0]!.message).toContain(reason);
  });

  test("a variable without braces is refused with the way to write it", () => {
    expect(interpolate("$GITHUB_TOKEN", lookups).faults).toMatchObject([
      { hint: "write ${GITHUB_TOKEN}, or $$GITHUB_TOKEN for the text" },
    ]);
  });

  test("a password with a plain dollar is not quoted", () => {
    const { faults } = interpolate("hunter${2-secret}", lookups);
    expect(JSON.stringify([faults, interpolate("hunter${2-secret", lookups).faults])).not.toMatch(/hunter|secret/);
  });
});

describe("in a file", () => {
  test("replaces strings at any depth and leaves keys alone", async () => {
    const { config } = await loadEntries(
      '[[pull.full]]\nname = "a"\nschedule = "every 1h"\nrepo = "${R}"\nlabels = ["${R}", "x${R}"]\nheaders = { "${R}" = "${R}" }',
      { env: { R: "acme/widgets" } },
    );
    expect(config.pull[0]!.options).toMatchObject({
      repo: "acme/widgets",
      labels: ["acme/widgets", "xacme/widgets"],
      headers: { "${R}": "acme/widgets" },
    });
  });

  test("a mounted secret loses one trailing newline, and its path starts at the file", async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, "token"), "s3cret-token\n\n");
    const { config } = await loadEntries('[[push.full]]\nname = "a"\nsigning_secret = "${file:./token}"', { cwd });
    expect(config.push[0]!.options).toEqual({ signing_secret: "s3cret-token\n" });
  });

  test("every reference that cannot be replaced is a problem at its path", async () => {
    const problems = await problemsOf(
      loadEntries(
        '[[push.full]]\nname = "a"\nsigning_secret = "${SECRET}"\nchannels = ["x", "${file:/nowhere/x}", "${file:/dev/zero}"]',
      ),
    );
    expect(problems).toMatchObject([
      {
        path: "push.full[0].signing_secret",
        line: 5,
        message: "the environment variable SECRET is not set",
        hint: "set it or SECRET_FILE, or write ${SECRET:-default}",
      },
      { path: "push.full[0].channels[1]", line: 6, message: expect.stringContaining("there is no file /nowhere/x") },
      { path: "push.full[0].channels[2]", line: 6, message: expect.stringContaining("not a regular file") },
    ]);
  });
});

describe("coercion", () => {
  const entry = '[[pull.full]]\nname = "a"\nschedule = "every 1h"\nrepo = "r"\n';
  const optionsOf = async (text: string, env: Record<string, string>) =>
    (await loadEntries(entry + text, { env })).config.pull[0]!.options;

  test("a replaced string becomes the number or boolean that the schema wants", async () => {
    const options = await optionsOf(
      'count = "${N}"\nenabled = "${YES}"\nlimit = "${N}"\nproxy = { host = "h", port = "${PORT:-80}" }',
      {
        N: "7",
        YES: "true",
      },
    );
    expect(options).toMatchObject({ count: 7, enabled: true, limit: 7, proxy: { host: "h", port: 80 } });
  });

  test("a string that the schema takes as a string stays one, whatever it looks like", async () => {
    expect(await optionsOf('token = "${T}"\nlabels = ["${T}", "${YES}"]', { T: "1234567890", YES: "true" })).toMatchObject({
      token: "1234567890",
      labels: ["1234567890", "true"],
    });
  });

  test("a string that is refused for another reason is not turned into a number", async () => {
    const problems = await problemsOf(loadEntries(`${entry}token = "\${T}"`, { env: { T: "1234567" } }));
    expect(problems).toMatchObject([{ path: "pull.full[0].token", message: "expected length >=8, got ***" }]);
  });

  test("a string that was written as one is not coerced", async () => {
    const problems = await problemsOf(loadEntries(`${entry}count = "7"\nenabled = "$$true"`));
    expect(problems.map((problem) => [problem.path, problem.message])).toEqual([
      ["pull.full[0].count", 'expected a number, got "7"'],
      ["pull.full[0].enabled", 'expected true or false, got "$true"'],
    ]);
  });

  test("a number out of range is reported as such", async () => {
    const problems = await problemsOf(loadEntries(`${entry}count = "\${N}"`, { env: { N: "11" } }));
    expect(problems).toMatchObject([{ path: "pull.full[0].count", message: "expected <=10, got ***" }]);
  });

  test.each(["seven", "0x10", "1e3", "Infinity", "1_000", " 7"])("%j is no number", async (value) => {
    const problems = await problemsOf(loadEntries(`${entry}count = "\${N}"`, { env: { N: value } }));
    expect(problems).toMatchObject([{ path: "pull.full[0].count", message: "expected a number, got ***" }]);
  });

  test.each<[string, Record<string, string>, string]>([
    ['[runner]\nport = "${PORT}"', { PORT: "abc" }, "check the environment variable PORT"],
    ['[runner]\nport = "${PORT}"', { PORT: "70000" }, "check the environment variable PORT"],
    ['[runner]\nport = "${PORT:-http}"', {}, "check the default of ${PORT}"],
    ['[runner]\nhide_mounts = "${HIDE}"', { HIDE: "yes" }, "check the environment variable HIDE"],
    ['[runner]\nhost = "${A}${B}"', { A: "a\t", B: "b" }, "check the environment variable A and the environment variable B"],
  ])("a value that is wrong is said to come from its variable: %s with %j", async (text, env, hint) => {
    const [problem] = await problemsOf(loadEntries(text, { env }));
    expect(problem?.hint).toBe(hint);
  });

  test("a package that is missing is not said to come from the variable of an option", async () => {
    const missing = '[[pull.notion]]\nname = "a"\nschedule = "every 5m"\ntoken = "${TOKEN}"';
    const [problem] = await problemsOf(loadEntries(missing, { env: { TOKEN: "t-0123456789" } }));
    expect(problem).toMatchObject({ path: "pull.notion", hint: expect.not.stringContaining("TOKEN") });
  });

  test("the problem of a secret names the file that cannot be read, also where secrets are masked", async () => {
    const text = '[[push.full]]\nname = "a"\nsigning_secret = "${file:/nowhere/secret-file}"';
    const [problem] = await problemsOf(loadEntries(text));
    expect(maskSecrets(problem?.message ?? "")).toBe("${file:/nowhere/secret-file}: there is no file /nowhere/secret-file");
  });

  test("a hint names the variable behind what it says", async () => {
    const scheduled = '[[pull.full]]\nname = "a"\nschedule = "${SCHEDULE}"\nrepo = "r"';
    const problems = await problemsOf(loadEntries(scheduled, { env: { SCHEDULE: "often" } }));
    expect(problems).toMatchObject([
      {
        message: "*** is not a schedule",
        hint: expect.stringMatching(/"every 15m".*; the value is from the environment variable SCHEDULE$/),
      },
    ]);
  });

  test("works in the runner's own tables and for the common keys", async () => {
    const { config } = await loadEntries(
      `[runner]\nport = "\${PORT:-3001}"\nhide_mounts = "\${HIDE:-true}"\n${entry}max_items = "\${N:-5}"\ndry_run = "\${D:-true}"`,
    );
    expect(config.runner).toMatchObject({ port: 3001, hideMounts: true });
    expect(config.pull[0]).toMatchObject({ maxItems: 5, dryRun: true });
  });

  test("works with a schema of another library", async () => {
    const { config } = await loadEntries('[[pull.other]]\nname = "a"\nschedule = "every 1h"\nlevel = "${L}"', {
      env: { L: "3" },
    });
    expect(config.pull[0]!.options).toEqual({ level: 3 });
  });
});
