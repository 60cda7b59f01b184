import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseConfig } from "../src/index.ts";
import { parseTrial, type TrialRequest } from "../src/setup.ts";
import { revealAll } from "./reveal-all.ts";

let cwd: string;
const nowMs = Date.parse("2026-04-01T00:00:00Z");

/** A connector of tickets, with the kinds of options that there are. */
const source = `
import * as v from "valibot";
const secret = () => v.metadata({ secret: true });
const pull = {
  config: v.strictObject({
    base_url: v.pipe(v.string(), v.url()),
    token: v.pipe(v.string(), secret()),
    account: v.optional(v.union([v.string(), v.number()])),
    include: v.optional(v.array(v.picklist(["tickets", "users"]))),
    since_default: v.optional(v.string()),
  }),
  streams: ({ include = ["tickets", "users"] }) => include,
  open: () => ({ async *pages() {} }),
};
const push = { config: v.strictObject({ secret: v.pipe(v.union([v.string(), v.array(v.string())]), secret()) }), open: () => ({}) };
export const connector = { kind: "desk", version: "1.0.0", pull, push };
`;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "trial-"));
  mkdirSync(join(cwd, "node_modules"));
  symlinkSync(fileURLToPath(new URL("../node_modules/valibot", import.meta.url)), join(cwd, "node_modules/valibot"));
  writeFileSync(join(cwd, "desk.mjs"), source);
});

afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function trial(options: readonly string[], more: Partial<TrialRequest> = {}) {
  return parseTrial({ connector: "./desk.mjs", options, env: { TOKEN: "t0ken-value" }, cwd, nowMs, ...more });
}

const base = "base_url=https://desk.example";
const token = "token=${TOKEN}";

async function problemsOf(options: readonly string[], more: Partial<TrialRequest> = {}) {
  const error: unknown = await trial(options, more).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "CONFIG_INVALID" });
  return (error as { problems: readonly { path: string; message: string; hint?: string }[] }).problems;
}

describe("the options of a trial", () => {
  test("are text without quotes, and lists, numbers and quoted text as in the file", async () => {
    const { config, streams } = await trial([base, token, 'include=["users"]', "account=42"]);
    expect(revealAll(config.pull[0]?.options)).toMatchObject({
      base_url: "https://desk.example",
      token: "t0ken-value",
      include: ["users"],
      account: 42,
    });
    expect(streams).toEqual(["users"]);
    const quoted = await trial([base, token, 'account="42"']);
    expect(quoted.config.pull[0]?.options).toMatchObject({ account: "42" });
  });

  test("keep state in memory and name no sink that anything could be delivered to", async () => {
    const { config } = await trial([base, token]);
    expect(config).toMatchObject({
      baseDir: cwd,
      statewave: { url: "stdout:" },
      runner: { state: { kind: "memory" } },
      push: [],
    });
  });

  test("that are wrong are reported together, at the option that was written, with what was meant", async () => {
    expect(await problemsOf([base.replace("base_url", "base_ulr"), "token=${NOWHERE}"])).toEqual([
      {
        path: "--option token",
        message: "the environment variable NOWHERE is not set",
        hint: "set it or NOWHERE_FILE, or write ${NOWHERE:-default}",
      },
      { path: "--option base_ulr", message: "unknown key", hint: "did you mean base_url?" },
      { path: "--option base_url", message: "is required" },
    ]);
  });

  test.each([
    ["no =", ["t0ken-value"], "--option", "is not of the form key=value"],
    ["a list that the shell took the quotes from", ["include=[users]"], "--option include", "begins like a list"],
    ["a key twice", [token, "token=other"], "--option token", "is given twice"],
  ])("with %s are refused without being quoted", async (_, options, path, message) => {
    const problems = await problemsOf([base, ...options]);
    expect(problems).toEqual([{ path, message: expect.stringContaining(message), hint: expect.any(String) }]);
    expect(JSON.stringify(problems)).not.toContain("t0ken-value");
  });
});

describe("an option of the other direction", () => {
  test("is refused with what to do about --push", async () => {
    expect(await problemsOf([base, token, "secret=abcdef"])).toEqual([
      { path: "--option secret", message: "unknown key", hint: "add --push: it is an option of [[push.desk]]" },
    ]);
    expect(await problemsOf(["secret=abcdef", token], { push: true })).toEqual([
      { path: "--option token", message: "unknown key", hint: "leave --push out: it is an option of [[pull.desk]]" },
    ]);
  });
});

describe("what to write into the file", () => {
  test("is the entry with its references, and a reference for a secret that was text", async () => {
    const { written } = await trial([base, "token=s3cret-text", "account=42", 'include=["users"]']);
    expect(written).toEqual({
      toml: `[connectors]\ndesk = "./desk.mjs"\n\n[[pull.desk]]\nname = "main"\nschedule = "every 15m"\nbase_url = "https://desk.example"\ntoken = "\${DESK_TOKEN}"\naccount = 42\ninclude = [ "users" ]\n`,
      newVariables: ["DESK_TOKEN"],
    });
  });

  test.each([
    ["a variable", "${TOKEN}", "${TOKEN}", []],
    ["a variable with a default, which may be a secret", "${NONE:-s3cret-text}", "${NONE}", []],
    ["a reference with text around it", "s3cret-${TOKEN}", "${DESK_TOKEN}", ["DESK_TOKEN"]],
  ])("has %s without what it stands for", async (_, value, shown, newVariables) => {
    const { written } = await trial([base, `token=${value}`]);
    expect(written.toml).toContain(`token = ${JSON.stringify(shown)}\n`);
    expect(written.newVariables).toEqual(newVariables);
    expect(written.toml).not.toMatch(/s3cret|t0ken-value/);
  });

  test("has common keys as they are, also of a connector whose schema does not show its keys", async () => {
    const opaque = `{ "~standard": { version: 1, vendor: "acme", validate: (value) => ({ value }) } }`;
    const hidden = source
      .replace("const pull = {", `const opaque = ${opaque};\nconst pull = {`)
      .replace(/config: v\.strictObject\(\{[\s\S]*?\n {2}\}\)/, "config: opaque");
    writeFileSync(join(cwd, "desk.mjs"), hidden);
    const { written } = await trial(['redact=["email"]', "max_items=5", "subject=team", "key=s3cret"]);
    expect(written.newVariables).toEqual(["DESK_KEY"]);
    expect(written.toml).toContain('redact = [ "email" ]');
  });

  test("numbers the secrets of a list", async () => {
    const { written, direction } = await trial(['secret=["first-one","second-one"]'], { push: true });
    expect(direction).toBe("push");
    expect(written.newVariables).toEqual(["DESK_SECRET", "DESK_SECRET_2"]);
    expect(written.toml).toContain('secret = [ "${DESK_SECRET}", "${DESK_SECRET_2}" ]');
  });

  test("loads as a file", async () => {
    const { written } = await trial([base, "token=s3cret-text", 'include=["users"]']);
    const text = `[statewave]\nurl = "stdout:"\n${written.toml}`;
    const { config } = await parseConfig(text, { baseDir: cwd, cwd, env: { DESK_TOKEN: "x" } });
    expect(config.pull).toMatchObject([{ kind: "desk", name: "main", options: { include: ["users"] } }]);
  });
});

describe("--since", () => {
  test("becomes the option since_default, which the file can hold, too", async () => {
    const { config, cursor, written } = await trial([base, token], { since: "90d" });
    expect(config.pull[0]?.options).toMatchObject({ since_default: "90d" });
    expect(cursor).toBeUndefined();
    expect(written.toml).toContain('since_default = "90d"');
  });

  test("becomes a cursor where the connector makes one and has no such option", async () => {
    writeFileSync(
      join(cwd, "desk.mjs"),
      source
        .replace("since_default: v.optional(v.string()),", "")
        .replace("streams:", "seed: (_, { since }) => `from ${since}`, streams:"),
    );
    expect((await trial([base, token], { since: "90d" })).cursor).toBe("from 2026-01-01T00:00:00.000Z");
  });

  test.each([
    ["neither a date nor an age", "yesterday", [], "is neither a date nor an age"],
    ["said twice", "90d", ["since_default=30d"], "says the same"],
  ])("is refused when it is %s", async (_, since, more, message) => {
    const problems = await problemsOf([base, token, ...more], { since });
    expect(problems).toEqual([{ path: "--since", message: expect.stringContaining(message), hint: expect.any(String) }]);
  });

  test("is refused for a connector that cannot start at a time, and for a receiver", async () => {
    writeFileSync(join(cwd, "desk.mjs"), source.replace("since_default: v.optional(v.string()),", ""));
    expect(await problemsOf([base, token], { since: "90d" })).toMatchObject([{ path: "--since" }]);
    expect(await problemsOf(["secret=x"], { since: "90d", push: true })).toMatchObject([{ path: "--since" }]);
  });
});

describe("the connector of a trial", () => {
  test("that cannot push is refused with --push", async () => {
    writeFileSync(join(cwd, "desk.mjs"), source.replace("pull, push }", "pull }"));
    expect(await problemsOf([base], { push: true })).toMatchObject([
      { path: "--push", message: "the connector takes no webhooks", hint: "leave out --push and --sample" },
    ]);
  });

  test("that can only push is tried as a receiver", async () => {
    writeFileSync(join(cwd, "desk.mjs"), source.replace("pull, push }", "push }"));
    expect(await trial(["secret=x"])).toMatchObject({ direction: "push", source: { kind: "desk", name: "main" } });
  });

  function install(name: string): void {
    const folder = join(cwd, "node_modules", name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name, type: "module", exports: "./index.js" }));
    writeFileSync(join(folder, "index.js"), source);
  }

  test.each([
    ["its kind", "statewave-connector-desk", "desk", undefined],
    ["its package, which the kind finds", "statewave-connector-desk", "statewave-connector-desk", undefined],
    ["a package of another name", "@acme/helpdesk", "@acme/helpdesk", '[connectors]\ndesk = "@acme/helpdesk"'],
  ])("is found by %s", async (_, installed, connector, table) => {
    install(installed);
    const { written } = await trial([base, token], { connector });
    expect(written.toml.split("\n\n").find((part) => part.startsWith("[connectors]"))).toBe(table);
  });

  test.each([
    ["desk.mjs", "write ./desk.mjs for what is in the working directory"],
    ["dsek", "did you mean desk?"],
    ["./nowhere", "write the path relative to the working directory"],
    ["a/b", "name a kind such as github, a package, or a path that begins with ./"],
  ])("that is not found as %s is missing with a hint", async (connector, hint) => {
    install("statewave-connector-desk");
    await expect(trial([base], { connector })).rejects.toMatchObject({ code: "CONFIG_PACKAGE_NOT_FOUND", hint });
  });

  test("that is none is called so, with the file", async () => {
    writeFileSync(join(cwd, "other.mjs"), "export const connector = { kind: 'X Y' };");
    await expect(trial([], { connector: "./other.mjs" })).rejects.toMatchObject({
      code: "CONFIG_PACKAGE_INVALID",
      message: expect.stringMatching(/other\.mjs\) is not a connector: its export connector is of kind "X Y"/),
    });
  });
});
