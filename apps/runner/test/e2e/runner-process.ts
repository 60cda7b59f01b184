import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./until.ts";

/** Made of the source before the first test: see `scripts/vitest/bundle-programs.mjs`. */
const mainProgram = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const fromSource = "--conditions=@statewave-connectors/source";

/** Spares the hundred starts of these tests most of the compiling; keyed by content, so it is never stale. */
const compileCache = join(tmpdir(), "connectors-e2e-compile-cache");

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One line of the JSON log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface ProcessOptions {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Run from its source. Default: the real one, as it is published. */
  readonly program?: URL;
  /** Runs it as another user; only root can. */
  readonly uid?: number;
  /** A command that is given the program and its arguments, such as `umaskOf`. */
  readonly wrapper?: readonly string[];
  /** Started in place of Node.js with the program. */
  readonly command?: readonly string[];
}

/** Runs a program with this umask, for `ProcessOptions.wrapper`. */
export function umaskOf(mask: string): readonly string[] {
  return ["sh", "-c", `umask ${mask}; exec "$@"`, "sh"];
}

/** The real program as a process of its own, with everything it printed. */
export class RunnerProcess {
  stdout = "";
  stderr = "";
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  #exit: Exit | undefined;

  constructor({ args, cwd, env = {}, program, uid, wrapper = [], command }: ProcessOptions) {
    const script = program === undefined ? [mainProgram] : [fromSource, fileURLToPath(program)];
    const [file, ...rest] = [...wrapper, ...(command ?? [process.execPath, ...script]), ...args];
    this.#child = spawn(file!, rest, {
      cwd,
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    // "close" and not "exit": by then everything it printed has arrived.
    this.exited = once(this.#child, "close").then(([code, signal]) => {
      this.#exit = { code: code as number | null, signal: signal as NodeJS.Signals | null };
      return this.#exit;
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasExited(): boolean {
    return this.#exit !== undefined;
  }

  /** What it logged so far. Lines that are no JSON, such as the banner, are left out. */
  get log(): readonly LogLine[] {
    return this.stderr.split("\n").flatMap((line) => (line.startsWith("{") && line.endsWith("}") ? [JSON.parse(line)] : []));
  }

  /** The address it listens on, as soon as it does. */
  async listening(): Promise<string> {
    const line = await this.logged("listening");
    return String(line["url"]);
  }

  /** The first log line with this message, as soon as there is one. */
  logged(message: string): Promise<LogLine> {
    return until(`the runner logs "${message}"`, () => {
      const line = this.log.find(({ msg }) => msg === message);
      if (line === undefined && this.hasExited) throw new Error(`it ended before it logged "${message}":\n${this.stderr}`);
      return line;
    });
  }

  /** Closes the reading end of what it writes to. */
  stopReading(...streams: readonly ("stdout" | "stderr")[]): void {
    for (const name of streams) this.#child[name]?.destroy();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** `kill -9`, as the machine would. */
  async kill(): Promise<Exit> {
    this.signal("SIGKILL");
    return this.exited;
  }

  /** Sends SIGTERM and waits until it has ended. */
  async terminate(): Promise<Exit & { readonly tookMs: number }> {
    const startedMs = performance.now();
    this.signal("SIGTERM");
    return { ...(await this.exited), tookMs: performance.now() - startedMs };
  }

  /** Where it serves details: `[runner.admin] listen`. */
  async adminUrl(): Promise<string> {
    const url = (await this.logged("listening"))["admin_url"];
    if (typeof url !== "string") throw new Error("the configuration has no [runner.admin] listen");
    return url;
  }

  /** `/readyz` with its details. */
  async readiness(): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
    const response = await fetch(`${await this.adminUrl()}/readyz`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** What a scrape of `/metrics` answers. */
  async metrics(): Promise<string> {
    const response = await fetch(`${await this.adminUrl()}/metrics`);
    return response.text();
  }
}
