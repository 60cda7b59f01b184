import { execFileSync } from "node:child_process";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@statewave-connectors/config";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { createRunner, type Runner } from "@statewave-connectors/runner";
import { afterEach, beforeEach, expect, test } from "vitest";
import { resolveFrom, runHere } from "../run-here.ts";

let folder: string;
let runner: Runner | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cli-free-"));
  await writeFile(join(folder, "statewave-connectors.toml"), toml);
  await writeFile(join(folder, "stray.mjs"), connectorSource);
});
afterEach(async () => {
  await runner?.stop();
  runner = undefined;
  await rm(folder, { recursive: true, force: true });
});

const toml = `
[statewave]
url = "file:./episodes.jsonl"

[runner]
host = "127.0.0.1"
port = 0
state_dir = "./state"
[runner.state]
kind = "file"

[connectors]
stray = "./stray.mjs"

[[pull.stray]]
name = "all"
schedule = "0 0 1 1 *"
`;

/** Its only episode has no kind, and is buried. */
const connectorSource = `
const config = { entries: {}, "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
const episode = { subject: "s", kind: "", text: "t", occurred_at: "2026-01-01T00:00:00Z", source: { type: "t", id: "1" }, idempotency_key: "1" };
export const connector = { kind: "stray", version: "1.0.0", pull: { config, open: () => ({
  async *pages() { yield { episodes: [episode], cursor: "1" }; } }) } };
`;

async function startRunner(): Promise<void> {
  const { config, connectors } = await loadConfig({ configPath: join(folder, "statewave-connectors.toml"), resolveFrom });
  runner = await createRunner({ config, connectors, logger: silentLogger, resolveFrom });
  await runner.start();
}

test("a runner that starts while a question waits finds the state free, and carries the answer out", async () => {
  const answered = await runHere(folder, ["state", "set", "stray/all", "first"], {
    question: async () => {
      await startRunner();
      return "y";
    },
  });
  expect(answered).toMatchObject({ code: 0, stderr: "" });
  expect((await runHere(folder, ["state", "get", "stray/all"])).stdout).toBe("first\n");
});

test("`state copy` holds neither state while its question waits", async () => {
  await writeFile(join(folder, "other.toml"), toml.replace("./state", "./other"));
  await runHere(folder, ["state", "set", "stray/all", "first", "--yes"]);
  const copied = await runHere(folder, ["state", "copy", "--from", "statewave-connectors.toml", "--to", "other.toml"], {
    question: async () => {
      for (const args of [[], ["--config", "other.toml"]])
        expect(await runHere(folder, ["state", "list", ...args])).toMatchObject({ code: 0, stderr: "" });
      return "y";
    },
  });
  expect(copied).toMatchObject({ code: 0, stderr: "" });
});

test("an open editor leaves the state free, and its edit is applied", async () => {
  await runHere(folder, ["sync", "stray/all"]);
  const [letter] = (await runHere(folder, ["dead-letters", "list", "--json"])).stdout.split("\n");
  const { key } = JSON.parse(letter ?? "") as { readonly key: string };
  const pipe = join(folder, "editor");
  execFileSync("mkfifo", [pipe]);
  // It takes what is written into the pipe as the edited letter.
  await writeFile(join(folder, "edit.sh"), `cat "${pipe}" > "$1"\n`);
  const edited = runHere(folder, ["dead-letters", "edit", key], {
    env: { EDITOR: `sh ${join(folder, "edit.sh")}` },
    question: async () => "y",
  });
  const editor = await open(pipe, "w");
  expect(await runHere(folder, ["state", "list"])).toMatchObject({ code: 0, stderr: "" });
  const { stdout } = await runHere(folder, ["dead-letters", "edit", key, "--print"]);
  await editor.writeFile(JSON.stringify({ ...(JSON.parse(stdout) as object), kind: "stray.item" }));
  await editor.close();
  expect(await edited).toMatchObject({ code: 0, stdout: "1 put back into the queue\n" });
});
