import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { queuedToJson } from "../src/commands/inspect/json-inbox.ts";
import { runToJson } from "../src/commands/inspect/json-runs.ts";
import { statusToJson } from "../src/commands/inspect/json-status.ts";
import { actionToJson, pauseToJson } from "../src/terminal/json-style.ts";
import { runHere } from "./run-here.ts";

const page = await readFile(new URL("../../../docs/reference/json-output.md", import.meta.url), "utf8");

/** The keys in the tables of a section of the reference, one list a table. */
function keysOf(heading: string): readonly (readonly string[])[] {
  const section = page.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? "";
  const tables = Array.from(section.matchAll(/^\| key [^]*?(?=\n\n|\n*$(?![^]))/gm), ([table]) => table);
  return tables.map((table) => Array.from(table.matchAll(/^\| `([a-z_]+)` /gm), ([, key = ""]) => key).toSorted());
}

const sorted = (value: unknown) => Object.keys(value as object).toSorted();
const source = { kind: "demo", name: "one" };

describe("the reference names each key that is printed, and no other, of", () => {
  test("status", () => {
    const entry = { direction: "pull", source, condition: "idle", failures: 0, deadLetters: 0 } as const;
    const status = statusToJson({ atMs: 0, condition: "well", entries: [entry], inbox: undefined, processes: [] });
    const [first] = status["entries"] as readonly unknown[];
    expect(keysOf("`status`")).toEqual([sorted(status), sorted(first)]);
  });

  test("runs", () => {
    const counts = { fetched: 0, mapped: 0, skipped: 0, failed: 0, delivered: 0, buried: 0, pages: 0, openItems: 0 };
    const run = { source, runId: "1", epoch: 1, process: "host:1", resumed: false, startedAtMs: 0, durationMs: 0 };
    const account = { ...run, ...counts, outcome: "done", movedCursor: false, runs: 1, sinceMs: 0 } as const;
    expect(keysOf("`runs`")).toEqual([sorted(runToJson(account, true))]);
  });

  test("inbox list and inbox show", () => {
    const item = { key: "1", source, type: "event", acceptedAtMs: 0, attempt: 0, isClaimed: false } as const;
    expect(keysOf("`inbox list` and `inbox show`")).toEqual([sorted(queuedToJson(item))]);
  });

  test("pause and resume", () => {
    const change = { entry: { direction: "pull", source }, before: undefined, after: undefined } as const;
    expect(keysOf("`pause` and `resume`")).toEqual([sorted(pauseToJson("pull:demo/one", "pause", change))]);
  });

  test("audit", () => {
    const action = { id: "1", atMs: 0, user: "ana@web", command: "pause", targets: [], targetCount: 0, outcome: "done" } as const;
    expect(keysOf("`audit`")).toEqual([sorted(actionToJson(action))]);
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
      const [keys] = keysOf("`state history`, `state undo`, `state seed` and `state prune`");
      const [line = ""] = (await printed("state", "history", "demo/one")).split("\n");
      expect(keys).toEqual(sorted(JSON.parse(line)));
    });

    test("backup", async () => {
      expect(keysOf("`backup` and `restore`")).toEqual([sorted(JSON.parse(await printed("backup", "copy")))]);
    });
  });
});
