import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runHere } from "../run-here.ts";
import { commandIn, shellLines } from "./shell-blocks.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cli-state-guide-"));
  await writeFile(join(folder, "github.mjs"), connectorSource);
  await writeFile(join(folder, "editor"), '#!/bin/sh\nsed -i \'s/"yesterday"/"2026-01-01T00:00:00Z"/\' "$1"\n');
  await chmod(join(folder, "editor"), 0o755);
  await configure("statewave-connectors", 'layout = "dir"');
  await configure("old");
  await configure("new");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** One of its episodes is well, three are dead letters for their time. */
const connectorSource = `
const episode = (number, occurred_at) => ({ subject: "repo:acme/widgets", kind: "github.issue", text: "issue " + number, occurred_at,
  source: { type: "github.issue", id: String(number) }, idempotency_key: "issue-" + number });
export const connector = {
  kind: "github",
  version: "1.0.0",
  pull: {
    config: { entries: {}, "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } },
    open: () => ({
      async *pages(cursor) {
        if (cursor !== undefined) return;
        yield { episodes: [episode(1, "2026-01-01T00:00:00Z"), ...[2, 3, 4].map((number) => episode(number, "yesterday"))], cursor: "4" };
      },
    }),
  },
};
`;

async function configure(name: string, state = ""): Promise<void> {
  const place = name === "statewave-connectors" ? "./var/connectors-state" : `./${name}`;
  const head = `[statewave]\nurl = "file:./${name}.jsonl"\n[runner]\nstate_dir = "${place}"\n[runner.state]\nkind = "file"\n${state}\n`;
  const entry = '[connectors]\ngithub = "./github.mjs"\n[[pull.github]]\nname = "widgets"\nschedule = "every 1h"\n';
  await writeFile(join(folder, `${name}.toml`), head + entry);
}

const surroundings = () => ({ question: async () => "y", env: { ...process.env, EDITOR: join(folder, "editor") } });
const run = (...args: readonly string[]) => runHere(folder, args, surroundings());

async function firstLetter(): Promise<string> {
  const [line = "{}"] = (await run("dead-letters", "list", "--json")).stdout.split("\n");
  return String((JSON.parse(line) as { readonly key?: unknown }).key);
}

/** Runs a line as an operator would at a terminal, who answers each question with yes. */
async function runLine(line: string) {
  const words = commandIn(line);
  if (words === undefined) return execFileSync("sh", ["-e", "-c", line], { cwd: folder, encoding: "utf8" });
  const key = words.includes("key") ? await firstLetter() : "";
  const result = await run(...words.map((word) => (word === "key" ? key : word)));
  const into = / > (\S+)$/.exec(line)?.[1];
  if (into !== undefined) await writeFile(join(folder, into), result.stdout);
  return { line, ...result };
}

test("every command of the guide to the state runs as it is written", { timeout: 60_000 }, async () => {
  const lines = shellLines("guides/state.md");
  expect(lines.length).toBeGreaterThanOrEqual(20);
  await run("sync", "github/widgets");
  await mkdir(join(folder, "back-up"));
  await writeFile(
    join(folder, "back-up/widgets.json"),
    await readFile(join(folder, "var/connectors-state/cursors/github/widgets.json")),
  );
  const failed = [];
  for (const line of lines) {
    const ended = await runLine(line);
    if (typeof ended !== "string" && ended.code !== 0) failed.push(ended);
    // An empty state has nothing that could be copied or shown.
    if (line.endsWith("sync github/widgets")) await run("sync", "github/widgets", "--config", "old.toml");
    if (/^statewave-connectors (restore|state reset)/.test(line)) await run("sync", "github/widgets");
  }
  expect(failed).toEqual([]);
});
