import { cp, mkdir, readFile, symlink } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { startFakeStatewave } from "@statewave-connectors/testing";
import { describe, expect, it, vi } from "vitest";
import { RunnerProcess } from "./runner-process.ts";
import { until } from "./until.ts";
import { type Ending, makeWorkspace, type Workspace } from "./workspace.ts";

vi.setConfig({ testTimeout: 120_000 });

const repository = new URL("../../../../", import.meta.url);

/** What `npm start` runs, in a checkout that holds two documents. */
async function makeCheckout(ending: Ending): Promise<Workspace> {
  const workspace = makeWorkspace(ending);
  const app = new URL("apps/runner/", repository);
  await mkdir(workspace.path("apps/runner"), { recursive: true });
  for (const file of ["quickstart.ts", "package.json"]) await cp(new URL(file, app), workspace.path("apps/runner", file));
  await symlink(fileURLToPath(new URL("node_modules", app)), workspace.path("apps/runner/node_modules"));
  await symlink(fileURLToPath(new URL("src", app)), workspace.path("apps/runner/src"));
  await cp(new URL("examples", repository), workspace.path("examples"), { recursive: true });
  await workspace.write("README.md", "# Read me\n\nfirst document\n");
  await workspace.write("docs/guide.md", "# Guide\n\nsecond document\n");
  return workspace;
}

function start({ onTestFinished }: Ending, workspace: Workspace, env: Readonly<Record<string, string>> = {}): RunnerProcess {
  const runner = new RunnerProcess({
    args: [],
    cwd: workspace.folder,
    env: { PORT: "0", GITHUB_REPO: "", STATEWAVE_URL: "", ...env },
    program: pathToFileURL(workspace.path("apps/runner/quickstart.ts")),
  });
  onTestFinished(async () => void (await runner.kill()));
  return runner;
}

async function written(workspace: Workspace): Promise<number> {
  const text = await readFile(workspace.path("var/quickstart/episodes.jsonl"), "utf8").catch(() => "");
  return text.split("\n").length - 1;
}

describe.concurrent("the quickstart", () => {
  it("sends everything to a Statewave that is named after the first start", async (test) => {
    const workspace = await makeCheckout(test);
    const first = start(test, workspace);
    await until("both documents are in the file", async () => (await written(workspace)) === 2);
    first.signal("SIGINT");
    await first.exited;

    const statewave = await startFakeStatewave();
    test.onTestFinished(() => statewave.close());
    start(test, workspace, { STATEWAVE_URL: statewave.url });
    await until("both documents are in Statewave", () => statewave.episodes.length >= 2);
    expect(statewave.stats().stored).toBe(2);
  });

  it("says plainly that the key is wrong", async (test) => {
    const workspace = await makeCheckout(test);
    const statewave = await startFakeStatewave({ apiKey: "right" });
    test.onTestFinished(() => statewave.close());
    const runner = start(test, workspace, { STATEWAVE_URL: statewave.url, STATEWAVE_API_KEY: "wr0ng" });
    await until("the key is named", () => /invalid_api_key.*check \[statewave\] api_key/s.test(runner.stderr));
    expect(runner.stderr + runner.stdout).not.toContain("wr0ng");
  });

  it("says plainly that nothing answers at the address", async (test) => {
    const workspace = await makeCheckout(test);
    const runner = start(test, workspace, { STATEWAVE_URL: "http://127.0.0.1:9" });
    await until("the reason is named", () => runner.stderr.includes("ECONNREFUSED"));
    expect(runner.stderr).toMatch(/http:\/\/127\.0\.0\.1:9.*ECONNREFUSED/s);
  });
});
