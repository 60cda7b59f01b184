import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@statewave-connectors/config";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { createRunner, selectPullCursorStore } from "@statewave-connectors/runner";
import { expect, test } from "vitest";
import { resolveFrom, runHere } from "../run-here.ts";

const entryOf = (name: string) => `[[pull.markdown]]\nname = "${name}"\nschedule = "0 0 1 1 *"\npath = "."\n`;
const head = '[statewave]\nurl = "file:./episodes.jsonl"\n[runner]\nport = 0\n[runner.state]\nkind = "file"\n';

/** A runner whose store refuses to delete the cursor of one source. */
async function startRefusing(folder: string) {
  const configPath = join(folder, "statewave-connectors.toml");
  await writeFile(configPath, head + ["a", "b", "c"].map(entryOf).join(""));
  const { config, connectors } = await loadConfig({ configPath, resolveFrom });
  const inMemory = { ...config.runner, state: { ...config.runner.state, kind: "memory", options: {} } };
  const cursorStore = await selectPullCursorStore({ runner: inMemory, resolveFrom });
  for (const name of ["a", "b", "c"]) await cursorStore.set({ kind: "markdown", name }, "mine");
  const deleteCursor = cursorStore.delete.bind(cursorStore);
  cursorStore.delete = async (source) => {
    if (source.name === "b")
      throw new ConnectorsError({ code: "STORE_WRITE_FAILED", message: "the disk failed", hint: "look at it" });
    return deleteCursor(source);
  };
  const runner = await createRunner({ config, connectors, cursorStore, logger: silentLogger, resolveFrom });
  await runner.start();
  return runner;
}

test("`state reset --all` resets the others when one source refuses, names it, and fails", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "cli-refused-reset-"));
  context.onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const runner = await startRefusing(folder);
  context.onTestFinished(() => runner.stop());
  const { code, stdout, stderr } = await runHere(folder, ["state", "reset", "--all", "--yes"]);
  expect(stdout).toMatch(/^markdown\/a: cursor forgotten;[^\n]*\nmarkdown\/c: cursor forgotten;[^\n]*\n$/);
  expect(stderr).toBe("error: markdown/b: cursor kept: the disk failed [STORE_WRITE_FAILED]\nhint: look at it\n");
  expect(code).toBe(4);
  const again = await runHere(folder, ["state", "reset", "--all", "--yes", "--json"]);
  expect(again.code).toBe(4);
  expect(JSON.parse(again.stdout)).toMatchObject({ reset: [], refused: [{ source: "markdown/b", code: "STORE_WRITE_FAILED" }] });
});
