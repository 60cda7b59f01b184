import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SlackSender } from "./slack-sender.ts";
import { until } from "./until.ts";
import { configName, configText, type Ending, makeWorkspace, type Workspace } from "./workspace.ts";

async function makeConfigured(ending: Ending, statewaveUrl = "file:./episodes.jsonl"): Promise<Workspace> {
  const workspace = makeWorkspace(ending);
  await workspace.write(configName, configText({ statewaveUrl }));
  await workspace.write("docs/note.md", "# Note");
  return workspace;
}

const commands = [
  ["--help"],
  ["validate-config"],
  ["validate-config", "--json"],
  ["state", "list"],
  ["state", "export"],
  ["dead-letters", "list"],
  ["sync", "markdown/docs"],
  ["sync", "markdown/docs", "--dry-run", "--json"],
];

describe.concurrent.each(commands)("%s %s %s %s", (...args) => {
  it("ends without an error when the reader of its output has ended", async (test) => {
    const workspace = await makeConfigured(test);
    const command = workspace.launch(args.filter((arg) => arg !== undefined));
    command.stopReading("stdout");
    expect(await command.exited).toEqual({ code: 0, signal: null });
    expect(command.stderr).toBe("");
  });
});

describe.skipIf(!existsSync("/dev/full")).concurrent("a disk that is full behind stdout", () => {
  it.for([["validate-config"], ["state", "list", "--help"]])(
    "is the failure of %s %s %s, in one sentence",
    async (args, test) => {
      const workspace = await makeConfigured(test);
      const full = ["sh", "-c", 'exec "$@" > /dev/full', "sh"];
      const command = workspace.launchWith(args, { wrapper: full });
      expect(await command.exited).toEqual({ code: 1, signal: null });
      expect(command.stderr).toMatch(/^error: [^\n]*ENOSPC[^\n]* \[RUNNER_OUTPUT_LOST\]\nhint: [^\n]+\n$/);
    },
  );

  it("does not end `run`, also when it is behind the log", async (test) => {
    const workspace = await makeConfigured(test);
    const port = await freePort();
    await workspace.write(
      configName,
      configText({ statewaveUrl: "file:./episodes.jsonl" }).replace("port = 0", `port = ${port}`),
    );
    const full = ["sh", "-c", 'exec "$@" > /dev/full 2> /dev/full', "sh"];
    const runner = workspace.launchWith(["run"], { wrapper: full });
    const url = `http://127.0.0.1:${port}`;
    await until("it is ready", async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.status === 200);
    await new SlackSender().sendMany(url, 3);
    expect(await runner.terminate()).toMatchObject({ code: 0, signal: null });
  });
});

describe.concurrent("run", () => {
  it("keeps running when the readers of its stdout and its log have ended", async (test) => {
    const workspace = await makeConfigured(test);
    const runner = workspace.launch(["run"]);
    runner.stopReading("stdout");
    const url = await runner.listening();
    runner.stopReading("stderr");
    await new SlackSender().sendMany(url, 5);
    await until("episodes arrive", () => workspace.list(".").includes("episodes.jsonl"));
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await runner.terminate()).toMatchObject({ code: 0, signal: null });
  });

  it("stops its stdout: sink with an error when the reader has ended, and keeps accepting", async (test) => {
    const workspace = await makeConfigured(test, "stdout:");
    const runner = workspace.launch(["run"]);
    runner.stopReading("stdout");
    const url = await runner.listening();
    const line = await until("the log says so", () => runner.log.find(({ reason }) => String(reason).includes("EPIPE")));
    expect(line).toMatchObject({ level: "error" });
    expect(String(line["hint"])).toContain("file:");
    await new SlackSender().sendMany(url, 3);
    expect(runner.hasExited).toBe(false);
    expect(await runner.terminate()).toMatchObject({ code: 0, signal: null });
  });
});

async function freePort(): Promise<number> {
  const { createServer } = await import("node:net");
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
