import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runHere } from "../run-here.ts";

test("simulate says why a receiver cannot be opened", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cli-simulate-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const config = '{ "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } }';
  const samples = "() => [{ name: 'one', body: '{}', headers: {} }]";
  const open = '() => { throw new Error("it is broken"); }';
  await writeFile(
    join(folder, "own.mjs"),
    `export const connector = { kind: "own", version: "1.0.0", push: { config: ${config}, samples: ${samples}, open: ${open} } };`,
  );
  await writeFile(
    join(folder, "statewave-connectors.toml"),
    `[statewave]
url = "stdout:"
[connectors]
own = "./own.mjs"
[[push.own]]
name = "a"
[[pull.markdown]]
name = "docs"
schedule = "every 1h"
path = "."
`,
  );
  const { code, stderr } = await runHere(folder, ["simulate", "own/a"]);
  expect(stderr).toMatch(/^error: the connector could not open own\/a: it is broken \[RUNNER_ENTRY_OPEN\]$/m);
  expect(code).toBe(1);
});
