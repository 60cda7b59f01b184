import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@statewave-connectors/config";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { createRunner } from "@statewave-connectors/runner";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { runCli, type Terminal } from "../src/index.ts";
import { resolveFrom, runHere } from "./run-here.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cli-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** A connector of three numbered items, in a file of its own as `[connectors]` may name one. */
const connectorSource = `
export const connector = {
  kind: "numbers",
  version: "1.0.0",
  pull: {
    config: {
      entries: {},
      "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) },
    },
    open: () => ({
      check: globalThis.numbersCheck,
      async *pages(cursor) {
        const first = Number(cursor ?? 0);
        await globalThis.numbersGate;
        if (first >= 3) return;
        yield { episodes: [1, 2, 3].map((number) => ({
          subject: "numbers:all", kind: "numbers.number", text: "number " + number, occurred_at: "2026-01-01T00:00:00Z",
          source: { type: "numbers", id: String(number) }, idempotency_key: "key-" + number })), cursor: "3" };
      },
    }),
  },
};
`;

const toml = `
[statewave]
url = "file:./episodes.jsonl"

[connectors]
numbers = "./numbers.mjs"

[[pull.numbers]]
name = "all"
schedule = "every 1h"
`;

async function writeConfig(text: string): Promise<void> {
  await writeFile(join(folder, "numbers.mjs"), connectorSource);
  await writeFile(join(folder, "statewave-connectors.toml"), text);
}

const run = (...args: string[]) => runHere(folder, args);

describe("arguments", () => {
  test.each([
    [["--help"]],
    [["run", "--help"]],
    [["state", "--help"]],
    [["dead-letters", "retry", "--help"]],
    [["try", "--help"]],
  ])("%j prints help and ends with 0", async (args) => {
    const { code, stdout } = await run(...args);
    expect(code).toBe(0);
    expect(stdout).toContain("Usage: statewave-connectors");
  });

  test("--version prints the version of the program that was started", async () => {
    expect(await run("--version")).toMatchObject({ code: 0, stdout: "1.2.3\n" });
  });

  test.each([
    ["an unknown command, with a suggestion", ["vlidate-config"], "validate-config"],
    ["a source that is not kind/name", ["sync", "numbers"], "kind/name"],
    ["a missing source", ["state", "get"], "missing required argument"],
    ["dead letters without keys", ["dead-letters", "retry"], "--all"],
    [
      "dead letters of a source without --all",
      ["dead-letters", "discard", "--source", "numbers/all"],
      "say --all --source numbers/all",
    ],
    ["an unknown option", ["run", "--prot"], "unknown option"],
    ["a count that is none", ["try", "github", "--episodes", "many"], "It is not a whole number."],
    ["no length of a trial", ["chaos", "--minutes", "0"], "It is not a number above 0 and at most 1440."],
    ["no seed of a trial", ["chaos", "--seed", "many"], "It is not a whole number up to "],
    ["a connector that there is not", ["try", "githbu"], "did you mean github?"],
  ])("end with 2 for %s", async (_, args, said) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });
});

describe("the configuration", () => {
  test("that is missing ends with 3 and says where it was looked for", async () => {
    const { code, stderr } = await run("validate-config");
    expect(code).toBe(3);
    expect(stderr).toContain(join(folder, "statewave-connectors.toml"));
  });

  test("that is invalid ends with 3 and names every problem in one pass", async () => {
    await writeConfig(`${toml.replace("every 1h", "every 0s")}\n[runner]\nprot = 1\n`);
    const { code, stderr } = await run("validate-config");
    expect(code).toBe(3);
    expect(stderr).toContain("pull.numbers[0].schedule");
    expect(stderr).toContain("did you mean port?");
  });

  test("that is valid ends with 0 and is printed without secrets", async () => {
    await writeConfig(toml.replace("[connectors]", 'api_key = "hunter2hunter2"\n[connectors]'));
    const { code, stdout } = await run("validate-config", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ statewave: { api_key: "***" } });
    expect(stdout).not.toContain("hunter2");
  });
});

describe("sync", () => {
  test("delivers one run and says how much", async () => {
    await writeConfig(toml);
    expect(await run("sync", "numbers/all")).toMatchObject({
      code: 0,
      stdout: "numbers/all: 3 of 3 episodes delivered, 0 buried\n",
    });
  });

  test("--dry-run --json prints the episodes as JSON lines and delivers nothing", async () => {
    await writeConfig(toml);
    const { code, stdout } = await run("sync", "numbers/all", "--dry-run", "--json");
    expect(code).toBe(0);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(lines.slice(0, 3)).toMatchObject([1, 2, 3].map((number) => ({ episode: { text: `number ${number}` } })));
    expect(lines[3]).toEqual({
      source: "numbers/all",
      dry_run: true,
      episodes: 3,
      delivered: 0,
      buried: 0,
      skipped: 0,
      complete: true,
    });
    await expect(rm(join(folder, "episodes.jsonl"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("of a source that is not configured ends with 1 and a hint", async () => {
    await writeConfig(toml);
    const { code, stderr } = await run("sync", "numbers/none");
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: there is no \[\[pull\.numbers\]\] entry named "none".*\nhint: /);
  });
});

describe("state", () => {
  test("of kind memory is refused instead of shown empty", async () => {
    await writeConfig(toml);
    const { code, stderr } = await run("state", "list");
    expect(code).toBe(4);
    expect(stderr).toContain("it lives only inside a running process");
  });
});

describe("moving state", () => {
  const fileState = (path: string) =>
    toml.replace("[connectors]", `[runner.state]\nkind = "file"\npath = "${path}"\n\n[connectors]`);
  async function twoConfigs(): Promise<void> {
    await writeConfig(toml);
    await writeFile(join(folder, "old.toml"), fileState("./old/cursors.json"));
    await writeFile(join(folder, "new.toml"), fileState("./new/cursors.json"));
  }

  test("copy takes every cursor to another store", async () => {
    await twoConfigs();
    await run("state", "set", "--yes", "numbers/all", "cursor of the old one", "--config", "old.toml");
    expect(await run("state", "copy", "--yes", "--from", "old.toml", "--to", "new.toml")).toMatchObject({
      code: 0,
      stdout: "1 source and 1 record written\n",
    });
    expect(await run("state", "get", "numbers/all", "--config", "new.toml")).toMatchObject({ stdout: "cursor of the old one\n" });
  });

  test("is in the audit log, as every change of a cursor or a stored secret by a command", async () => {
    await twoConfigs();
    const inOld = (...args: readonly string[]) => run("state", ...args, "--config", "old.toml");
    await inOld("set", "--yes", "numbers/all", "1");
    await inOld("set", "--yes", "numbers/all", "2");
    await inOld("delete", "--yes", "numbers/all");
    await inOld("adopt", "--yes");
    await inOld("delete-secrets", "--yes", "numbers/all");
    await writeFile(join(folder, "export.json"), '{"version":1,"sources":[]}');
    await inOld("import", "--yes", "export.json");
    const { stdout } = await run("audit", "--json", "--config", "old.toml");
    const actions = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    expect(actions.map(({ command }) => String(command)).toSorted()).toEqual([
      "state adopt",
      "state delete",
      "state delete-secrets",
      "state import",
      "state set",
      "state set",
    ]);
    expect(actions).toContainEqual(
      expect.objectContaining({ targets: ["numbers/all"], outcome: "done", before: { cursor: "1" }, after: { cursor: "2" } }),
    );
    expect(actions).toContainEqual(expect.objectContaining({ command: "state delete", before: { cursor: "2" }, after: {} }));
  });

  test("what export prints, import sets", async () => {
    await twoConfigs();
    await run("state", "set", "--yes", "numbers/all", 'with "quotes" and ünïcode', "--config", "old.toml");
    const { stdout } = await run("state", "export", "--config", "old.toml");
    await writeFile(join(folder, "export.json"), stdout);
    expect(await run("state", "import", "--yes", "export.json", "--config", "new.toml")).toMatchObject({ code: 0 });
    expect(await run("state", "get", "numbers/all", "--config", "new.toml")).toMatchObject({
      stdout: 'with "quotes" and ünïcode\n',
    });
  });

  test("export shows what a sync left, and import makes another store know it", async () => {
    await twoConfigs();
    await run("sync", "numbers/all", "--config", "old.toml");
    const exported = {
      version: 1,
      sources: [
        {
          source: "numbers/all",
          cursor: "3",
          finished_due: "2026-01-01T00:00:00.000Z",
          open_due: "2026-01-01T01:00:00.000Z",
          resume_at: "2999-01-01T00:00:00.000Z",
        },
        { source: "numbers/never-read", finished_due: "2026-01-01T00:00:00.000Z" },
      ],
    };
    const sink = { scope: "sink", key: "*", value: expect.stringContaining("episodes.jsonl") };
    expect(JSON.parse((await run("state", "export", "--config", "old.toml")).stdout)).toEqual({
      records: expect.arrayContaining([sink]),
      version: 1,
      sources: [{ source: "numbers/all", cursor: "3" }],
    });
    await writeFile(join(folder, "export.json"), JSON.stringify(exported));
    await run("state", "import", "--yes", "export.json", "--config", "new.toml");
    const { stdout } = await run("state", "export", "--config", "new.toml");
    const { sources } = JSON.parse(stdout) as typeof exported;
    // No time to resume is believed that lies more than 400 days ahead.
    expect(Date.parse(sources[0]!.resume_at!)).toBeGreaterThan(Date.now() + 399 * 86_400_000);
    sources[0]!.resume_at = exported.sources[0]!.resume_at!;
    expect({ version: 1, sources }).toEqual(exported);
  });

  test("stored secrets are exported and imported with --with-secrets only, and delete-secrets forgets them", async () => {
    await twoConfigs();
    const stored = { scope: "secret/pull/numbers/all", key: "refresh-token", value: '{"v":1,"plain":"t0ken-of-a-person"}' };
    await writeFile(join(folder, "export.json"), JSON.stringify({ version: 1, sources: [], records: [stored] }));
    await run("state", "import", "--yes", "export.json", "--config", "old.toml");
    expect((await run("state", "export", "--with-secrets", "--config", "old.toml")).stdout).not.toContain("t0ken");
    await run("state", "import", "--yes", "export.json", "--with-secrets", "--config", "old.toml");
    expect((await run("state", "export", "--config", "old.toml")).stdout).not.toContain("t0ken");
    const { stdout } = await run("state", "export", "--with-secrets", "--config", "old.toml");
    expect((JSON.parse(stdout) as { records: unknown[] }).records).toContainEqual(stored);
    await run("state", "copy", "--yes", "--from", "old.toml", "--to", "new.toml");
    expect(await run("state", "delete-secrets", "--yes", "numbers/all", "--config", "new.toml")).toMatchObject({ code: 1 });
    await run("state", "copy", "--yes", "--with-secrets", "--from", "old.toml", "--to", "new.toml");
    expect(await run("state", "delete-secrets", "--yes", "numbers/all", "--config", "new.toml")).toMatchObject({
      code: 0,
      stdout: "numbers/all: 1 value deleted\n",
    });
    expect((await run("state", "export", "--with-secrets", "--config", "new.toml")).stdout).not.toContain("t0ken");
  });

  test("import of a file that is not there is refused in a sentence", async () => {
    await twoConfigs();
    const { code, stderr } = await run("state", "import", "--yes", "missing.json", "--config", "new.toml");
    expect(code).toBe(4);
    expect(stderr).toMatch(/^error: missing\.json cannot be read: [^\n]+\nhint: /);
  });

  test.each([
    "",
    "[]",
    '{"version":2,"sources":[]}',
    '{"version":1,"sources":[{"source":"no slash","cursor":""}]}',
    '{"version":1,"sources":[{"source":"numbers/all","cursor":3}]}',
    '{"version":1,"sources":[{"source":"numbers/all","open_due":"soon"}]}',
  ])("import refuses %j and changes nothing", async (text) => {
    await twoConfigs();
    await writeFile(join(folder, "export.json"), text);
    const { code, stderr } = await run("state", "import", "--yes", "export.json", "--config", "new.toml");
    expect(code).toBe(4);
    expect(stderr).toContain("export.json is not an export of state");
    expect(await run("state", "list", "--config", "new.toml")).toMatchObject({ stdout: "no source has any state yet\n" });
  });

  test("is refused while a source runs, unless forced", async () => {
    await twoConfigs();
    const gate = Promise.withResolvers<void>();
    Object.assign(globalThis, { numbersGate: gate.promise });
    const { config, connectors } = await loadConfig({ configPath: join(folder, "old.toml"), resolveFrom });
    const atFreePort = { ...config, runner: { ...config.runner, host: "127.0.0.1", port: 0 } };
    const runner = await createRunner({ config: atFreePort, connectors, logger: silentLogger, resolveFrom });
    await runner.start();
    const synced = run("sync", "numbers/all", "--config", "old.toml");
    await vi.waitFor(
      async () => expect((await run("state", "list", "--config", "old.toml")).stdout).toContain("running"),
      60_000,
    );
    const refused = await run("state", "copy", "--yes", "--from", "old.toml", "--to", "new.toml");
    const forced = await run("state", "copy", "--yes", "--from", "old.toml", "--to", "new.toml", "--force");
    gate.resolve();
    await synced;
    await runner.stop();
    Object.assign(globalThis, { numbersGate: undefined });
    expect(refused).toMatchObject({ code: 4 });
    expect(refused.stderr).toContain("numbers/all is running at this moment");
    expect(forced).toMatchObject({ code: 0 });
  });
});

describe("doctor", () => {
  afterEach(() => Object.assign(globalThis, { numbersCheck: undefined }));

  test.each([
    ["is well", async () => [{ ok: true, message: "reached" }], 0, "ok   pull numbers/all: reached\n"],
    [
      "lacks a right",
      async () => [{ ok: false, message: "the token lacks read:numbers" }],
      1,
      "FAIL pull numbers/all: the token lacks read:numbers\n",
    ],
    [
      "breaks",
      () => Promise.reject(new TypeError("oops")),
      1,
      "FAIL pull numbers/all: TypeError: oops [RUNNER_CONNECTOR_DEFECT]\n     hint: report ",
    ],
    ["checks nothing", undefined, 0, "-    pull numbers/all: nothing to check\n"],
  ])("reports an entry that %s", async (_, numbersCheck, code, stdout) => {
    Object.assign(globalThis, { numbersCheck });
    await writeConfig(toml);
    expect(await run("doctor")).toMatchObject({ code, stdout: expect.stringContaining(`\n${stdout}`) });
  });
});

describe("run", () => {
  test("takes a second signal that comes at once for a copy of the first, and one that comes later for an order", async () => {
    await writeConfig(`${toml}\n[runner]\nhost = "127.0.0.1"\nport = 0\n`);
    const listeners: ((signal: NodeJS.Signals) => void)[] = [];
    const listening = Promise.withResolvers<void>();
    const exits: number[] = [];
    const terminal: Terminal = {
      stdout: { write: () => listening.resolve() },
      stderr: { write: () => undefined },
      env: {},
      cwd: folder,
      onSignal: (listener) => {
        listeners.push(listener);
        return () => undefined;
      },
      exit: (code) => exits.push(code),
    };
    const ended = runCli({ args: ["run"], version: "1.2.3", terminal, resolveFrom });
    await listening.promise;
    for (const listener of listeners) listener("SIGTERM");
    for (const listener of listeners) listener("SIGINT");
    expect(await ended).toBe(0);
    expect(exits).toEqual([]);
    vi.spyOn(performance, "now").mockReturnValue(performance.now() + 300);
    for (const listener of listeners) listener("SIGTERM");
    vi.restoreAllMocks();
    expect(exits).toEqual([143]);
  });
});
