import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { childOf } from "./child-of.ts";
import { sumOf } from "./metric-sum.ts";
import type { RunnerProcess } from "./runner-process.ts";
import { until, within } from "./until.ts";
import { configName, configText, type Ending, makeWorkspace, type Workspace } from "./workspace.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const runScript = `statewave-connectors run --config ${configName}`;
const parentGone = "stopping: the package manager that started the runner is gone";

/** A project as `npm install statewave-connectors` leaves it: the bin is linked, and nothing needs the network. */
async function makeProject(ending: Ending): Promise<Workspace> {
  const workspace = makeWorkspace(ending);
  await workspace.write(configName, configText({ statewaveUrl: "file:./episodes.jsonl" }));
  await workspace.write("docs/note.md", "# Note");
  const scripts = {
    start: runScript,
    wrapped: `${runScript}; true`,
    exec: `exec ${runScript}`,
    daemon: `nohup ${runScript} > log 2>&1 & echo $! > pid`,
  };
  await workspace.write("package.json", JSON.stringify({ name: "project", version: "1.0.0", scripts }));
  const bin = "node_modules/.bin/statewave-connectors";
  await workspace.write(bin, `#!/bin/sh\nexec ${process.execPath} --conditions=@statewave-connectors/source ${main} "$@"\n`);
  chmodSync(workspace.path(bin), 0o755);
  return workspace;
}

function npm(workspace: Workspace, ...command: readonly string[]): RunnerProcess {
  const env = { npm_config_cache: workspace.path("npm-cache"), npm_config_update_notifier: "false" };
  return workspace.start({ command: ["npm", ...command], env });
}

const starts = [
  { how: "npx", command: ["exec", "--offline", "--", "statewave-connectors", "run", "--config", configName] },
  { how: "npm start", command: ["start"] },
  { how: "a script whose shell waits for it", command: ["run", "wrapped"] },
];

describe.each(starts)("a runner that was started by $how", ({ command }) => {
  it.for(["SIGTERM", "SIGKILL"] as const)("drains when npm ends by %s, and leaves port and lock free", async (signal, test) => {
    const workspace = await makeProject(test);
    const started = npm(workspace, ...command);
    await started.listening();
    started.signal(signal);
    await started.logged(parentGone);
    expect(await started.logged("stopped")).toMatchObject({ drained: true });
    await within("the end of everything npm started", started.exited);
    const next = await workspace.run();
    expect((await next.readiness()).status).toBe(200);
  });
});

/** Whether this machine lets a process be the first of its own world, as in a container. */
const canBeFirst = spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "true"], { stdio: "ignore" }).status === 0;

const firstProcesses = [
  {
    how: "the program itself",
    command: ["node_modules/.bin/statewave-connectors", "run", "--config", configName],
  },
  { how: "npm, whose script says exec", command: ["npm", "run", "exec"] },
  { how: "npx, whose call says exec", command: ["npx", "--offline", `--call=exec ${runScript}`] },
];

describe.skipIf(!canBeFirst).each(firstProcesses)("as process 1 of a container, $how", ({ command }) => {
  it("drains on SIGTERM and ends with 0", async (test) => {
    const workspace = await makeProject(test);
    const env = { npm_config_cache: workspace.path("npm-cache"), npm_config_update_notifier: "false" };
    const wrapper = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];
    const outside = workspace.start({ command: [...wrapper, ...command], env });
    await outside.listening();
    process.kill(childOf(outside.pid), "SIGTERM");
    expect(await within("the end of the container", outside.exited)).toMatchObject({ code: 0, signal: null });
    expect(await outside.logged("stopped")).toMatchObject({ drained: true });
  });
});

describe("a runner that was started by npm", () => {
  it("is stopped by the signal itself when its script says exec, and npm ends with its exit code", async (test) => {
    const workspace = await makeProject(test);
    const started = npm(workspace, "run", "exec");
    await started.listening();
    expect(await started.terminate()).toMatchObject({ code: 0, signal: null });
    expect(await started.logged("stopping")).toMatchObject({ signal: "SIGTERM" });
  });

  it("keeps running when its script sent it into the background", async (test) => {
    const workspace = await makeProject(test);
    expect(await npm(workspace, "run", "daemon").exited).toMatchObject({ code: 0 });
    const log = () => (existsSync(workspace.path("log")) ? readFileSync(workspace.path("log"), "utf8") : "");
    const url = await until("it listens", () => /"admin_url":"([^"]+)"/.exec(log())?.[1]);
    const pid = Number(readFileSync(workspace.path("pid"), "utf8"));
    test.onTestFinished(() => void process.kill(pid, "SIGKILL"));
    await until("it has run for seconds", async () => {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      return sumOf(metrics, "statewave_runner_pull_dues_total") >= 4;
    });
    expect(log()).not.toContain(parentGone);
  });

  it("keeps running when npm itself was sent into the background and its shell has ended", async (test) => {
    const workspace = await makeProject(test);
    const env = { npm_config_cache: workspace.path("npm-cache"), npm_config_update_notifier: "false" };
    const script = "nohup npm start > log 2>&1 & echo $! > pid";
    const shell = workspace.start({ command: ["sh", "-c", script], env });
    await within("the end of the shell", shell.exited);
    const log = () => (existsSync(workspace.path("log")) ? readFileSync(workspace.path("log"), "utf8") : "");
    const url = await until("it listens", () => /"admin_url":"([^"]+)"/.exec(log())?.[1]);
    await until("it has run for seconds", async () => {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      return sumOf(metrics, "statewave_runner_pull_dues_total") >= 4;
    });
    expect(log()).not.toContain(parentGone);
    process.kill(Number(readFileSync(workspace.path("pid"), "utf8")), "SIGTERM");
    await until("it has drained", () => log().includes('"stopped"'));
  });
});
