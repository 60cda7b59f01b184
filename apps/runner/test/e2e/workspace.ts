import { chmodSync, mkdtempSync, readdirSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { outputFaults, outputOf } from "@statewave-connectors/cli/json-shapes";
import type { TestContext } from "vitest";
import { type Exit, type ProcessOptions, RunnerProcess } from "./runner-process.ts";

export interface CommandResult extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder as an operator has it: the TOML file, documents, the state. */
export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), "connectors-e2e-"));
  readonly #processes: RunnerProcess[] = [];

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  async write(name: string, text: string): Promise<void> {
    await mkdir(join(this.path(name), ".."), { recursive: true });
    await writeFile(this.path(name), text);
  }

  /** What lies in a folder of it; nothing when the folder is missing. */
  list(name: string): readonly string[] {
    try {
      return readdirSync(this.path(name));
    } catch {
      return [];
    }
  }

  /** Starts the program without waiting for anything. */
  launch(args: readonly string[], env: Readonly<Record<string, string>> = {}, program?: URL): RunnerProcess {
    return this.launchWith(args, { env, ...(program === undefined ? {} : { program }) });
  }

  /** Starts it with surroundings of its own: another user, a umask. */
  launchWith(args: readonly string[], options: Omit<ProcessOptions, "args" | "cwd">): RunnerProcess {
    return this.start({ args: [...args, "--config", this.path(configName)], ...options });
  }

  /** Starts any command in the folder. */
  start(options: Omit<ProcessOptions, "args" | "cwd"> & Partial<Pick<ProcessOptions, "args">>): RunnerProcess {
    const runner = new RunnerProcess({ args: [], cwd: this.folder, ...options });
    this.#processes.push(runner);
    return runner;
  }

  /** `run`, listening. */
  async run(env: Readonly<Record<string, string>> = {}): Promise<RunnerProcess> {
    const runner = this.launch(["run"], env);
    await runner.listening();
    return runner;
  }

  /** One command of the command line, to its end. Throws where its JSON is not as the reference describes it. */
  async command(...args: readonly string[]): Promise<CommandResult> {
    const runner = this.launch(args);
    const exit = await runner.exited;
    requireDescribed(args, runner.stdout);
    return { ...exit, stdout: runner.stdout, stderr: runner.stderr };
  }

  /** The values of a command that prints JSON lines. */
  async jsonLines(...args: readonly string[]): Promise<readonly Record<string, unknown>[]> {
    const { code, stdout, stderr } = await this.command(...args);
    if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${stderr}`);
    return stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Record<string, unknown>]));
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#processes.map((runner) => runner.kill()));
    makeRemovable(this.folder);
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Throws for JSON of a command that differs from docs/reference/json-output.md. */
export function requireDescribed(args: readonly string[], stdout: string): void {
  const output = outputOf(args);
  const faults = output === undefined ? [] : outputFaults(output, stdout);
  if (faults.length > 0) throw new Error(`${args.join(" ")} prints what is not described: ${faults.join("; ")}`);
}

/** Restores the rights that a test removed: only root can remove files in a folder that may not be written. */
function makeRemovable(folder: string): void {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) makeRemovable(join(folder, entry.name));
}

export const configName = "statewave-connectors.toml";

/** The end of a test, where what it started is cleared away. Each test's own, because tests run side by side. */
export type Ending = Pick<TestContext, "onTestFinished">;

/** A workspace for one test: afterwards its processes are killed and its folder is gone. */
export function makeWorkspace({ onTestFinished }: Ending): Workspace {
  const workspace = new Workspace();
  onTestFinished(() => workspace.dispose());
  return workspace;
}

export interface ConfigOptions {
  readonly statewaveUrl: string;
  /** The kind of `[runner.state]`. Default `file`. */
  readonly state?: string;
  /** More keys for `[runner.state]`. */
  readonly stateOptions?: string;
  /** More keys for `[statewave]` and `[runner]`, and more tables. */
  readonly statewave?: string;
  readonly runner?: string;
  readonly entries?: string;
}

export const slackSecret = "e2e-signing-secret";

/** A Slack receiver, a Markdown folder read every second, and whatever else a test wants. */
export function configText({
  statewaveUrl,
  state = "file",
  stateOptions = "",
  statewave = "",
  runner = "",
  entries = "",
}: ConfigOptions): string {
  return `
[statewave]
url = "${statewaveUrl}"
${statewave}
[runner]
host = "127.0.0.1"
port = 0
state_dir = "./state"
drain_timeout = "4s"
${runner}
[runner.admin]
listen = "127.0.0.1:0"

[runner.state]
kind = "${state}"
${stateOptions}

[[push.slack]]
name = "team"
signing_secret = "${slackSecret}"

[[pull.markdown]]
name = "docs"
schedule = "every 1s"
path = "./docs"
${entries}
`;
}
