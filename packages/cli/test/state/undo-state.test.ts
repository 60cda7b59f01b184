import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@statewave-connectors/config";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { createRunner } from "@statewave-connectors/runner";
import { afterEach, beforeEach, expect, test } from "vitest";
import { resolveFrom, runHere } from "../run-here.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cli-undo-"));
  await writeFile(
    join(folder, "statewave-connectors.toml"),
    `
[statewave]
url = "file:./episodes.jsonl"

[runner]
host = "127.0.0.1"
port = 0
state_dir = "./state"
[runner.state]
kind = "file"

[[pull.markdown]]
name = "docs"
schedule = "0 0 1 1 *"
path = "."
`,
  );
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("an undo that another operator makes while the question waits is not taken back by the answer", async () => {
  const { config, connectors } = await loadConfig({ configPath: join(folder, "statewave-connectors.toml"), resolveFrom });
  const runner = await createRunner({ config, connectors, logger: silentLogger, resolveFrom });
  await runner.start();
  try {
    const state = (...args: readonly string[]) => runHere(folder, ["state", ...args]);
    for (const cursor of ["first", "second"]) await state("set", "markdown/docs", cursor);
    const answered = await runHere(folder, ["state", "undo", "markdown/docs"], {
      question: async () => {
        expect((await state("undo", "markdown/docs", "--yes")).code).toBe(0);
        return "y";
      },
    });
    expect(answered).toMatchObject({ code: 0, stdout: expect.stringContaining("before the change 2 (set") });
    expect((await state("get", "markdown/docs")).stdout).toBe("first\n");
  } finally {
    await runner.stop();
  }
});
