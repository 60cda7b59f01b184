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

[[pull.github]]
name = "widgets"
schedule = "0 0 1 1 *"
repo = "acme/widgets"
token = "ghp-4711"
`,
  );
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function withRunner(act: (state: typeof runState) => Promise<void>) {
  const { config, connectors } = await loadConfig({ configPath: join(folder, "statewave-connectors.toml"), resolveFrom });
  const runner = await createRunner({ config, connectors, logger: silentLogger, resolveFrom });
  await runner.start();
  try {
    await act(runState);
  } finally {
    await runner.stop();
  }
}

const runState = (...args: readonly string[]) => runHere(folder, ["state", ...args]);

test.each([
  { change: ["undo", "markdown/docs", "--yes"], left: "first\n" },
  { change: ["set", "--yes", "--force", "markdown/docs", "third"], left: "third\n" },
])("the answer to `state undo` takes nothing back after another operator's $change", ({ change, left }) =>
  withRunner(async (state) => {
    for (const cursor of ["first", "second"]) await state("set", "--yes", "--force", "markdown/docs", cursor);
    const answered = await runHere(folder, ["state", "undo", "markdown/docs"], {
      question: async () => {
        expect((await state(...change)).code).toBe(0);
        return "y";
      },
    });
    expect(answered).toMatchObject({ code: 4, stdout: "", stderr: expect.stringContaining("[STORE_CURSOR_MOVED]") });
    expect((await state("get", "markdown/docs")).stdout).toBe(left);
  }),
);

test("the answer to `state seed` does not replace a cursor that another operator set meanwhile", () =>
  withRunner(async (state) => {
    const answered = await runHere(folder, ["state", "seed", "github/widgets", "--since", "2026-01-01"], {
      question: async () => {
        expect((await state("set", "--yes", "--force", "github/widgets", "another")).code).toBe(0);
        return "y";
      },
    });
    expect(answered).toMatchObject({ code: 4, stdout: "", stderr: expect.stringContaining("[STORE_CURSOR_MOVED]") });
    expect((await state("get", "github/widgets")).stdout).toBe("another\n");
  }));
