import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@statewave-connectors/config";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { createRunner } from "@statewave-connectors/runner";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { resolveFrom, runHere } from "../run-here.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cli-once-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A connector whose entries end as their name says. */
const connectorSource = `
import { ConnectorsError } from ${JSON.stringify(import.meta.resolve("@statewave-connectors/connector-sdk"))};
export const connector = {
  kind: "ends",
  version: "1.0.0",
  pull: {
    config: { entries: {}, "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } },
    open: (_, { source: { name } }) => ({
      async *pages(cursor) {
        if (name === "breaks") throw new Error("it is broken");
        if (name === "pauses") throw new ConnectorsError({ code: "ENDS_BUSY", message: "come later", retryAtMs: Date.now() + 3600000 });
        if (name === "unbalanced") throw new ConnectorsError({ code: "PULL_ACCOUNT_WRONG", message: "3 of 4 episodes are delivered" });
        if (cursor !== undefined) return;
        const item = (number) => ({ subject: "ends:all", kind: "ends.item", text: "item " + number, occurred_at: "2026-01-01T00:00:00Z",
          source: { type: "ends", id: name + number }, idempotency_key: name + "-" + number });
        const failures = name === "fails-one" ? [{ id: "7", error: new Error("odd") }] : [];
        yield { episodes: [item(1), item(2)], failures, cursor: "2" };
      },
    }),
  },
};
`;

async function once(names: readonly string[], ...args: readonly string[]) {
  await prepare(names);
  return runHere(folder, ["run", "--once", ...args]);
}

async function prepare(names: readonly string[], schedule = "every 1h") {
  await writeFile(join(folder, "ends.mjs"), connectorSource);
  const entries = names.map(
    (name) => `[[pull.ends]]\nname = "${name}"\nschedule = "${schedule}"\n${name === "limited" ? "max_items = 1\n" : ""}`,
  );
  const head =
    '[statewave]\nurl = "file:./episodes.jsonl"\n[runner.state]\nkind = "file"\npath = "./state/cursors.json"\n[connectors]\nends = "./ends.mjs"\n';
  await writeFile(join(folder, "statewave-connectors.toml"), head + entries.join(""));
}

describe("run --once", () => {
  test("runs every source once, says what each delivered, and ends with 0", async () => {
    const { code, stdout } = await once(["one", "two"]);
    expect(stdout).toContain("ok   ends/one: 2 delivered, 0 buried, 0 skipped, 0 failed\n");
    expect(stdout).toContain("ok   ends/two: 2 delivered, 0 buried, 0 skipped, 0 failed\n");
    expect(stdout).toMatch(/\n2 ran: 2 done, 0 incomplete, 0 failed\n$/);
    expect(code).toBe(0);
    expect((await runHere(folder, ["run", "--once"])).stdout).toContain("ok   ends/one: 0 delivered");
  });

  test("ends with 1 when a source fails, and runs the others all the same", async () => {
    const { code, stdout } = await once(["breaks", "one"]);
    expect(stdout).toMatch(/^FAIL ends\/breaks: .*it is broken/m);
    expect(stdout).toMatch(/^ok {3}ends\/one: 2 delivered/m);
    expect(code).toBe(1);
  });

  test("ends with 5 when the account of a run does not balance, also where another source fails", async () => {
    const { code, stdout } = await once(["unbalanced", "breaks", "one"]);
    expect(stdout).toMatch(/^FAIL ends\/unbalanced: PULL_ACCOUNT_WRONG: /m);
    expect(code).toBe(5);
  });

  test.each(["limited", "fails-one"])("ends with 6 when nothing failed and something is left (%s)", async (name) => {
    const { code, stdout } = await once([name, "one"]);
    expect(stdout).toMatch(new RegExp(`^warn ends/${name}: `, "m"));
    expect(code).toBe(6);
  });

  test("ends with 6 when a provider only wants a pause, also through a runner that runs", async () => {
    expect(await once(["pauses", "one"])).toMatchObject({
      code: 6,
      stdout: expect.stringMatching(/^warn ends\/pauses: .*come later/m),
    });
    await prepare(["pauses", "one"], "0 0 1 1 *");
    const { config, connectors } = await loadConfig({ configPath: join(folder, "statewave-connectors.toml"), resolveFrom });
    const head = { ...config.runner, host: "127.0.0.1", port: 0 };
    const runner = await createRunner({ config: { ...config, runner: head }, connectors, logger: silentLogger, resolveFrom });
    await runner.start();
    try {
      const { code, stdout } = await runHere(folder, ["run", "--once"]);
      expect({ code, stdout }).toEqual({ code: 6, stdout: expect.stringMatching(/^warn ends\/pauses: .*come later/m) });
    } finally {
      await runner.stop();
    }
  });

  test("leaves a source alone that an operator has paused, and ends with 6", async () => {
    await once(["one", "two"]);
    const paused = ["pause", "ends/one", "--as", "Ana", "--reason", "a new token"];
    expect(await runHere(folder, paused)).toMatchObject({ code: 0 });
    const { code, stdout } = await runHere(folder, ["run", "--once"]);
    expect(stdout).toMatch(/^warn ends\/one: paused by Ana .*: a new token$/m);
    expect(stdout).toMatch(/\n1 ran: 1 done, 0 incomplete, 0 failed; 1 paused\n$/);
    expect(code).toBe(6);
    const json = await runHere(folder, ["run", "--once", "--json"]);
    expect(json.stdout).toContain('{"source":"ends/one","outcome":"paused","paused":"by Ana ');
  });

  test("prints a JSON line for each source", async () => {
    const { code, stdout } = await once(["one", "breaks"], "--json");
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.toSorted((a, b) => String(a["source"]).localeCompare(String(b["source"])))).toEqual([
      {
        source: "ends/breaks",
        outcome: "failed",
        error: expect.objectContaining({ message: expect.stringContaining("it is broken") }),
      },
      { source: "ends/one", outcome: "done", episodes: 2, delivered: 2, buried: 0, skipped: 0, failed: 0, complete: true },
    ]);
    expect(code).toBe(1);
  });

  test("ends with 3 where there is no source, and with 2 for --json without --once", async () => {
    expect(await once([])).toMatchObject({ code: 3, stderr: expect.stringContaining("no [[pull.<kind>]] entry") });
    expect(await runHere(folder, ["run", "--json"])).toMatchObject({ code: 2 });
  });
});
