import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort } from "@statewave-connectors/testing/servers";
import { describe, expect, it } from "vitest";
import { blocksOf, GuideShell, guideText } from "./guide-blocks.ts";
import { until } from "./until.ts";
import { configName, configText, makeWorkspace, slackSecret, type Workspace } from "./workspace.ts";

/** Not one that waits: the collector answers in this process. Rejects when the program fails. */
const runFile = promisify(execFile);
const repository = fileURLToPath(new URL("../../../../", import.meta.url));
const adminPort = "9464";

/** A runner with the tables of a guide in the place of `[runner.admin]`, on a free port. */
async function configure(workspace: Workspace, admin = '[runner.admin]\nlisten = "127.0.0.1:0"\n'): Promise<string> {
  const port = String(await freePort());
  const text = configText({ statewaveUrl: "file:./episodes.jsonl" });
  const tables = admin.replaceAll(adminPort, port);
  await workspace.write(configName, text.replace('[runner.admin]\nlisten = "127.0.0.1:0"\n', tables));
  await workspace.write("docs/note.md", "# Note\n\nAs agreed.\n");
  return port;
}

describe.concurrent("the examples of the guide", () => {
  it("on the console open it where the guide says, and the tunnels lead to its port", async (test) => {
    const workspace = makeWorkspace(test);
    const [minimal = ""] = blocksOf("console", "toml");
    const port = await configure(workspace, minimal);
    const shell = await GuideShell.open(workspace, ["ssh", "kubectl"]);
    const runner = await workspace.run();
    const [, address = ""] = /open `(http:[^`]+)`/.exec(guideText("console")) ?? [];
    const here = address.replace(adminPort, port);
    await until("the address of the page is printed", () => runner.stdout.includes(`console: ${here}\n`));
    expect(await (await fetch(here)).text()).toContain("markdown/docs");
    const [tunnels = "", ...others] = blocksOf("console", "sh");
    expect(others).toEqual([]);
    await shell.run(tunnels);
    const [ssh = "", kubectl = ""] = shell.calls();
    expect(ssh).toMatch(/^ssh -L (\d+):127\.0\.0\.1:\1 /);
    const [, deployment, forwarded] = /^kubectl port-forward deploy\/(\S+) (\d+)$/.exec(kubectl) ?? [];
    expect(minimal).toContain(`listen = "127.0.0.1:${forwarded}"`);
    expect(existsSync(`${repository}deploy/helm/${deployment}/Chart.yaml`)).toBe(true);
    await runner.terminate();
  });

  it("on OpenTelemetry send traces to the endpoint that is exported, and in a program of one's own", async (test) => {
    const paths = new Set<string>();
    const collector = createServer((request, response) => {
      paths.add(request.url ?? "");
      request.resume().once("end", () => response.writeHead(200, { "content-type": "application/json" }).end("{}"));
    });
    await new Promise<void>((resolve) => void collector.listen(0, "127.0.0.1", resolve));
    test.onTestFinished(() => void collector.close());
    const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    const workspace = makeWorkspace(test);
    await configure(workspace);
    const shell = await GuideShell.open(workspace, ["npm"]);
    const [block = ""] = blocksOf("opentelemetry", "sh");
    // Signals must reach the program, and not the shell.
    const example = block.replace("http://localhost:4318", endpoint).replace(/^(?=statewave-connectors run)/m, "exec ");
    const runner = shell.start(example, { OTEL_BSP_SCHEDULE_DELAY: "50" });
    await runner.logged("run done");
    // A busy machine may not send all of it within the time that the end of the program grants.
    await until("traces and logs were sent", () => paths.size === 2);
    expect(shell.calls()).toEqual([expect.stringMatching(/^npm install @statewave-connectors\/opentelemetry$/)]);
    expect(await runner.terminate()).toMatchObject({ code: 0 });
    expect([...paths].toSorted()).toEqual(["/v1/logs", "/v1/traces"]);

    const [program = ""] = blocksOf("opentelemetry", "ts");
    const around = [
      'import { loadConfig } from "@statewave-connectors/config";',
      'import { createRunner } from "@statewave-connectors/runner";',
      'import { startTelemetry } from "@statewave-connectors/opentelemetry";',
      "const telemetry = startTelemetry();",
      `const { config, connectors } = await loadConfig({ configPath: ${JSON.stringify(workspace.path(configName))}, resolveFrom: [import.meta.url] });`,
      program,
      "await runner.start();",
      "await runner.stop();",
      "await telemetry.close();",
    ];
    await runFile(
      process.execPath,
      ["--conditions=@statewave-connectors/source", "--input-type=module-typescript", "-e", around.join("\n")],
      { cwd: `${repository}apps/runner`, env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } },
    );
  });

  it("on production start the program so that signals reach it, and show its details on the admin address", async (test) => {
    const workspace = makeWorkspace(test);
    const guide = guideText("run-in-production");
    const [admin = ""] = blocksOf("run-in-production", "toml");
    const port = await configure(workspace, admin);
    const shell = await GuideShell.open(workspace, ["npm"]);
    for (const step of ["validate-config --config …", "doctor"]) {
      expect(guide).toContain(`\`statewave-connectors ${step}\``);
      await shell.run(`statewave-connectors ${step.replace("…", `./${configName}`)}`);
    }
    const [block = ""] = blocksOf("run-in-production", "sh");
    await workspace.write("package.json", '{ "private": true }');
    await shell.run("mkdir -p node_modules/.bin && ln -s ../../bin/statewave-connectors node_modules/.bin/");
    const runner = shell.start(block);
    await runner.listening();
    expect(shell.calls()).toEqual(["npm install statewave-connectors"]);
    const [, look = ""] = /`(curl [^`]+)`/.exec(guide) ?? [];
    expect(JSON.parse(await shell.run(look.replace(adminPort, port)))).toMatchObject({ status: "ready", sources: {} });
    const [, metrics = ""] = /`(http:[^`]+\/metrics)`/.exec(guide) ?? [];
    expect((await fetch(metrics.replace(adminPort, port))).status).toBe(200);
    expect(await runner.terminate()).toMatchObject({ code: 0, signal: null });
    expect(await runner.logged("stopping")).toMatchObject({ signal: "SIGTERM" });
  });

  it("on secrets replace one without a restart", async (test) => {
    const workspace = makeWorkspace(test);
    const [block = ""] = blocksOf("secrets", "sh");
    const [, file = ""] = />\s*(\/run\/secrets\/\S+)/.exec(block) ?? [];
    const here = workspace.path("run-secrets");
    await configure(workspace);
    const text = readFileSync(workspace.path(configName), "utf8");
    await workspace.write("run-secrets", "former-secret");
    await workspace.write(configName, text.replace(`"${slackSecret}"`, `"\${file:${here}}"`));
    const shell = await GuideShell.open(workspace);
    const runner = await workspace.run();
    const printed = await shell.run(block.replace(file, here), { NEW_TOKEN: "newer-secret" });
    expect(printed).toContain("push:slack/team: changed\n");
    await runner.terminate();
  });

  it("on the guarantees test the state of the file, and simulate seeds", async (test) => {
    const workspace = makeWorkspace(test);
    await configure(workspace);
    const shell = await GuideShell.open(workspace, ["npm"]);
    const [trial = "", simulation = "", ...others] = blocksOf("test-the-guarantees", "sh");
    expect(others).toEqual([]);
    const report = await shell.run(trial.replace("--minutes 5", "--minutes 0.05"), { TMPDIR: workspace.folder });
    expect(report).toMatch(/^passed: each item once, no gap, no cursor going back \(seed \d+\)$/m);
    expect(shell.calls()).toEqual(["npm install @statewave-connectors/chaos"]);
    // npm itself is a stand-in above.
    const script = simulation.replace("--seeds 100", "--seeds 2");
    const { stdout } = await runFile("sh", ["-e", "-c", script], { cwd: repository });
    const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { seed: 1, violations: [] },
      { seed: 2, violations: [] },
    ]);
  });
});
