import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { until, within } from "../until.ts";
import { configName, type Ending, type Workspace } from "../workspace.ts";
import { mainProgram, makeHostileWorkspace } from "./agent-world.ts";

const initialize = {
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "pipe", version: "1" } },
};
const callOf = (id: number, name: string, input: Readonly<Record<string, unknown>>) => ({
  id,
  method: "tools/call",
  params: { name, arguments: input },
});

/** `mcp` at the other end of plain pipes. */
class PipedMcp {
  stdout = "";
  stderr = "";
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;

  constructor({ onTestFinished }: Ending, workspace: Workspace, args: readonly string[]) {
    const program = [mainProgram, "mcp", "--config", workspace.path(configName), ...args];
    this.child = spawn(process.execPath, program, { cwd: workspace.folder, stdio: "pipe" });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.exited = once(this.child, "close").then(([code]) => code as unknown);
    onTestFinished(async () => {
      this.child.kill("SIGKILL");
      await this.exited;
    });
  }

  send(...messages: readonly object[]): void {
    for (const message of messages) this.child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  }

  get answers(): readonly { readonly jsonrpc: string; readonly id?: number }[] {
    return this.stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
  }

  answered(id: number): Promise<unknown> {
    return until(
      `message ${id} is answered`,
      () => this.stdout.endsWith("\n") && this.answers.find((answer) => answer.id === id),
    );
  }
}

describe.concurrent("mcp", () => {
  it("writes nothing but messages of the protocol to stdout, whatever a connector and the stdout: sink print", async (test) => {
    const workspace = await makeHostileWorkspace(test, "", "stdout:");
    const mcp = new PipedMcp(test, workspace, ["--allow-actions", "--log-level", "debug"]);
    mcp.send(initialize, { method: "notifications/initialized" });
    await mcp.answered(1);
    mcp.send(callOf(2, "backfill", { source: "hostile/main", since: "2025-01-01", until: "2025-01-02" }));
    mcp.send(callOf(3, "doctor", {}), { id: 4, method: "no/such/method" });
    mcp.child.stdin?.write("this is no message\n");
    for (const id of [2, 3, 4]) await mcp.answered(id);
    expect(mcp.answers.every(({ jsonrpc }) => jsonrpc === "2.0")).toBe(true);
    expect(mcp.stderr).toContain("a line of a connector on stdout");
    expect(mcp.stderr).toContain("The number item:99 stands.");
  });

  it("ends with exit code 0 when stdin ends, also in the middle of a call", async (test) => {
    const workspace = await makeHostileWorkspace(test, "page_ms = 1000");
    const mcp = new PipedMcp(test, workspace, ["--allow-actions"]);
    mcp.send(initialize, { method: "notifications/initialized" });
    await mcp.answered(1);
    mcp.send(callOf(2, "backfill", { source: "hostile/main", since: "2025-01-01", until: "2025-01-02" }));
    await until("the call is under way", () => mcp.stderr.includes("a line of a connector on stdout"));
    mcp.child.stdin?.end();
    expect(await within("it ends", mcp.exited)).toBe(0);
  });

  it("ends with exit code 0 on SIGTERM", async (test) => {
    const mcp = new PipedMcp(test, await makeHostileWorkspace(test), []);
    mcp.send(initialize);
    await mcp.answered(1);
    mcp.child.kill("SIGTERM");
    expect(await within("it ends", mcp.exited)).toBe(0);
  });

  it("ends when its reader is gone", async (test) => {
    const mcp = new PipedMcp(test, await makeHostileWorkspace(test), []);
    mcp.child.stdout?.destroy();
    mcp.send(initialize);
    expect(await within("it ends", mcp.exited)).toBe(0);
  });

  it("is part of the help without the SDK or the package being loaded", async (test) => {
    const workspace = await makeHostileWorkspace(test);
    const recorder = new URL("../record-loaded-files.ts", import.meta.url).href;
    const command = [process.execPath, "--conditions=@statewave-connectors/source", "--import", recorder, mainProgram];
    const help = workspace.start({ args: ["--help"], command, env: { LOADED_FILES: workspace.path("loaded") } });
    expect((await help.exited).code).toBe(0);
    expect(help.stdout).toMatch(/^ {2}mcp \[options\]/m);
    const loaded = readFileSync(workspace.path("loaded"), "utf8");
    expect(loaded).toContain("/cli/");
    expect(loaded).not.toMatch(/\/packages\/mcp\/|@modelcontextprotocol|\/zod\//);
  });
});
