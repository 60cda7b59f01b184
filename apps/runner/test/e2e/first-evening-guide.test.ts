import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { makeWorkspace } from "./workspace.ts";

const guide = readFileSync(new URL("../../../../docs/guides/first-evening.md", import.meta.url), "utf8");
const blocks = Array.from(guide.matchAll(/^```sh\n([^]*?)^```/gm), ([, block = ""]) => block);
const main = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

it("leads from nothing to a healthy runner, as the guide of the first evening shows it", { timeout: 240_000 }, async (test) => {
  const workspace = makeWorkspace(test);
  const port = await freePort();
  await workspace.write("bin/statewave-connectors", `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  chmodSync(workspace.path("bin/statewave-connectors"), 0o755);
  const env = { ...process.env, PATH: `${workspace.path("bin")}${delimiter}${process.env["PATH"] ?? ""}` };
  const start = (block: string, folder: string) => {
    const child = spawn("bash", ["-e", "-c", block.replaceAll("3000", String(port))], { cwd: folder, env, detached: true });
    let printed = "";
    child.stdout.on("data", (chunk) => (printed += String(chunk)));
    child.stderr.on("data", (chunk) => (printed += String(chunk)));
    return { child, ended: once(child, "close"), printed: () => printed };
  };
  const run = async (block: string | undefined, folder: string) => {
    const { ended, printed } = start(block ?? "false", folder);
    const [code] = (await ended) as [number | null];
    expect({ block, code, printed: printed() }).toEqual({ block, code: 0, printed: expect.any(String) });
    return printed();
  };
  const evening = workspace.path("evening");
  const [connectors, init, secrets, doctor, runOnce, simulate, forever, second, ...others] = blocks;
  expect(others).toEqual([]);
  expect(await run(connectors, workspace.folder)).toMatch(/^markdown .*\n {5}pull: /);
  expect(await run(init, workspace.folder)).toContain(
    "written: statewave-connectors.toml, statewave-connectors.schema.json, .env.example\n",
  );
  const toml = `${evening}/statewave-connectors.toml`;
  writeFileSync(toml, readFileSync(toml, "utf8").replace("# [runner]\n", `[runner]\nhost = "127.0.0.1"\nport = ${port}\n`));
  await run(secrets, evening);
  const looked = await run(doctor, evening);
  expect(looked).not.toMatch(/^FAIL/m);
  expect(looked).toMatch(/^ok {3}push slack\/team: /m);
  expect(await run(runOnce, evening)).toMatch(/^ok {3}markdown\/handbook: 1 delivered/m);
  expect(readFileSync(`${evening}/episodes.jsonl`, "utf8")).toContain("We release on Tuesdays");
  expect(await run(runOnce, evening)).toMatch(/^ok {3}markdown\/handbook: 0 delivered/m);
  expect(await run(simulate, evening)).toMatch(/^ok {3}push slack\/team message: /m);
  const runner = start(forever ?? "", evening);
  test.onTestFinished(() => void (runner.child.exitCode === null && process.kill(-(runner.child.pid ?? 0), "SIGKILL")));
  await expect.poll(runner.printed, { timeout: 120_000 }).toContain("Ctrl-C to stop.");
  expect(runner.printed()).toContain("slack/team → /slack/team/events");
  const healthy = await run(second, evening);
  expect(healthy).toMatch(/^ok {3}push slack\/team: .*the signature is right, and the sample is not stored$/m);
  expect(healthy).toMatch(/^ok {3}runner: a runner is running and ready$/m);
  process.kill(-(runner.child.pid ?? 0), "SIGTERM");
  await runner.ended;
  expect(readFileSync(`${evening}/episodes.jsonl`, "utf8")).not.toContain("statewave-sample-");
});
