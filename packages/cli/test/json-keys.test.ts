import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { queuedToJson } from "../src/commands/inspect/json-inbox.ts";
import { runToJson } from "../src/commands/inspect/json-runs.ts";
import { statusToJson } from "../src/commands/inspect/json-status.ts";
import { jsonOutputs, type JsonShape, outputFaults } from "../src/json-shapes/index.ts";
import { actionToJson, episodeToJson, pauseToJson } from "../src/terminal/json-style.ts";
import { commandsWithJson } from "./commands-with-json.ts";
import { runHere } from "./run-here.ts";

const repository = new URL("../../../", import.meta.url);

function outputOf(command: string) {
  const output = jsonOutputs.find(({ commands }) => commands.includes(command));
  if (output === undefined) throw new Error(`${command} is not described`);
  return output;
}

/** The keys of what a command prints. */
function keysOf(command: string, shape: JsonShape | undefined = outputOf(command).prints[0]?.shape): readonly string[] {
  return Object.keys(shape?.keys ?? {}).toSorted();
}

function innerShape(command: string, key: string): JsonShape | undefined {
  const [type] = outputOf(command).prints[0]?.shape.keys[key] ?? [];
  return typeof type === "object" && "list" in type ? type.list : undefined;
}

const sorted = (value: unknown) => Object.keys(value as object).toSorted();
const source = { kind: "demo", name: "one" };

test("docs/reference/json-output.md is what scripts/generate-json-reference.mjs writes", async () => {
  const script = new URL("scripts/generate-json-reference.mjs", repository);
  const { jsonReference } = (await import(script.href)) as { readonly jsonReference: () => string };
  expect(readFileSync(new URL("docs/reference/json-output.md", repository), "utf8")).toBe(jsonReference());
});

test("every command with --json is described, and no other", async () => {
  expect(jsonOutputs.flatMap(({ commands }) => commands).toSorted()).toEqual((await commandsWithJson()).toSorted());
});

describe("what differs from the description is named:", () => {
  test.each<[string, string, unknown, readonly string[]]>([
    ["a key that is not described", "state get", { source: "a/b", cursor: "1", more: 1 }, ["$.more: not described"]],
    ["a value of another type", "state get", { source: "a/b", cursor: 1 }, ["$.cursor: not of the type text"]],
    ["an instant that is a number", "backup", { made_at: 1 }, ["$.made_at: not of the type time"]],
    ["a key within a list", "backup", { files: [{ name: "a" }, { size: 1 }] }, ["$.files[1].size: not described"]],
    ["what is no list", "backup", { files: {} }, ["$.files: not a list"]],
    ["what is no object", "backup", [], ["$: not an object"]],
    ["counts that are texts", "erase", { erased: { records: { a: "1" } } }, ["$.erased.records: not of the type counts"]],
  ])("%s", (_, command, value, faults) => {
    expect(outputFaults(outputOf(command), JSON.stringify(value))).toEqual(faults);
  });

  test("each line by the description that it resembles most", () => {
    const lines = ['{"entry":"state","results":[]}', '{"failures":0,"warning":1}'].join("\n");
    expect(outputFaults(outputOf("doctor"), lines)).toEqual(["$.warning: not described"]);
  });
});

describe("each key that is printed is described, and no other, of", () => {
  test("status", () => {
    const remaining = { fraction: 0.5, remainingMs: 1, by: "count" } as const;
    const entry = { direction: "pull", source, condition: "running", failures: 0, deadLetters: 0, remaining } as const;
    const status = statusToJson({ atMs: 0, condition: "well", entries: [entry], inbox: undefined, processes: [] });
    const [first] = status["entries"] as readonly unknown[];
    expect(keysOf("status")).toEqual(sorted(status));
    expect(keysOf("status", innerShape("status", "entries"))).toEqual(sorted(first));
  });

  test("runs", () => {
    const counts = { fetched: 0, mapped: 0, skipped: 0, failed: 0, delivered: 0, buried: 0, pages: 0, openItems: 0 };
    const run = { source, runId: "1", epoch: 1, process: "host:1", resumed: false, startedAtMs: 0, durationMs: 0 };
    const account = { ...run, ...counts, outcome: "done", movedCursor: false, runs: 1, sinceMs: 0 } as const;
    expect(keysOf("runs")).toEqual(sorted(runToJson(account, true)));
  });

  test("inbox list and inbox show", () => {
    const item = { key: "1", source, type: "event", acceptedAtMs: 0, attempt: 0, isClaimed: false } as const;
    expect(keysOf("inbox list")).toEqual(sorted(queuedToJson(item)));
  });

  test("pause and resume", () => {
    const change = { entry: { direction: "pull", source }, before: undefined, after: undefined } as const;
    expect(keysOf("pause")).toEqual(sorted(pauseToJson("pull:demo/one", "pause", change)));
  });

  test("audit", () => {
    const action = { id: "1", atMs: 0, user: "ana@web", command: "pause", targets: [], targetCount: 0, outcome: "done" } as const;
    expect(keysOf("audit")).toEqual(sorted(actionToJson(action)));
  });

  describe("commands on a file state:", () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "cli-keys-"));
      const config = '[statewave]\nurl = "stdout:"\n[runner.state]\nkind = "file"\n';
      await writeFile(join(folder, "statewave-connectors.toml"), config);
      for (const cursor of ["1", "2"]) await runHere(folder, ["state", "set", "demo/one", cursor, "--force", "--yes"]);
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    const printed = async (...args: readonly string[]) => (await runHere(folder, [...args, "--json"])).stdout;

    test("state history", async () => {
      const [line = ""] = (await printed("state", "history", "demo/one")).split("\n");
      expect(keysOf("state history")).toEqual(sorted(JSON.parse(line)));
    });

    test("backup", async () => {
      expect(keysOf("backup")).toEqual(sorted(JSON.parse(await printed("backup", "copy"))));
    });
  });
});

test("an episode is printed in snake_case, and what is none as it is", () => {
  const episode = { subject: "repo:a/b", author: { name: "ana", kind: "member", verifiedBy: "github" } } as never;
  expect(episodeToJson(episode)).toEqual({
    subject: "repo:a/b",
    author: { name: "ana", kind: "member", verified_by: "github" },
  });
  for (const other of [null, "text", { author: null }, { author: "ana" }]) expect(episodeToJson(other as never)).toBe(other);
});
