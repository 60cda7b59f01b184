import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Readable } from "node:stream";
import { promisify } from "node:util";

const thisCheckout = fileURLToPath(new URL("../..", import.meta.url));
const fakeGithub = fileURLToPath(import.meta.resolve("@statewave-connectors/connector-github/testing/main"));
const fakeStatewave = fileURLToPath(import.meta.resolve("@statewave-connectors/testing/fake-statewave/main"));

/** The built program in a process and a folder of its own. */
export interface RunnerProcess {
  readonly port: number;
  /** From the start of the process to the first 200 of `/readyz`. */
  readonly readyMs: number;
  /** Resident memory now. */
  rssMebibytes(): Promise<number>;
  /** Processor time used so far. */
  cpuMs(): Promise<number>;
  /** Runs the command line on the same configuration, in a process of its own, and answers its stdout. */
  command(...args: readonly string[]): Promise<string>;
  /** The sum of a metric over its labels. */
  metric(name: string): Promise<number>;
  /** A whole scrape. */
  metrics(): Promise<string>;
  stop(): Promise<void>;
}

export interface RunnerProcessOptions {
  /** The configuration behind `[runner] host, port`, which are added. */
  readonly toml: string;
  readonly nodeArgs?: readonly string[];
  /** Prints warnings and errors only. */
  readonly quiet?: boolean;
  /** Prints nothing of the program, not even its errors. */
  readonly silent?: boolean;
  /** The folder of a built checkout whose program is run. Default: this one. */
  readonly checkout?: string;
}

/** The program of a built checkout, as its package.json names it. */
function programOf(checkout: string): string {
  const { bin } = createRequire(import.meta.url)(join(checkout, "apps/runner/package.json")) as { bin: Record<string, string> };
  const [path] = Object.values(bin);
  if (path === undefined) throw new Error(`${checkout}/apps/runner/package.json names no program`);
  return join(checkout, "apps/runner", path);
}

/** Starts the built program and waits until it is ready. Linux only. */
export async function startRunner(options: RunnerProcessOptions): Promise<RunnerProcess> {
  const { toml, nodeArgs = [], quiet = false, silent = false, checkout = thisCheckout } = options;
  const program = programOf(checkout);
  const folder = await mkdtemp(join(tmpdir(), "statewave-bench-"));
  const port = await freePort();
  const config = join(folder, "statewave-connectors.toml");
  await writeFile(config, `[runner]\nhost = "127.0.0.1"\nport = ${port}\n\n${toml}`);
  const startedMs = performance.now();
  const child = spawn(process.execPath, [...nodeArgs, program, "run", "--config", config], {
    stdio: ["ignore", "ignore", silent ? "ignore" : quiet ? "pipe" : "inherit"],
    // As the image and the systemd unit set it.
    env: { MALLOC_ARENA_MAX: "2", ...process.env },
  });
  if (child.stderr !== null) void printTroubles(child.stderr);
  const url = `http://127.0.0.1:${port}`;
  const scrape = async () => (await fetch(`${url}/metrics`)).text();
  await untilReady(child, `${url}/readyz`);
  const readyMs = performance.now() - startedMs;
  return {
    port,
    readyMs,
    rssMebibytes: async () => Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${child.pid}/status`, "utf8"))?.[1]) / 1024,
    async cpuMs() {
      const fields = (await readFile(`/proc/${child.pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
    async command(...args) {
      const { stdout } = await promisify(execFile)(process.execPath, [program, ...args, "--config", config]);
      return stdout;
    },
    metric: async (name) => sumOf(await scrape(), name),
    metrics: scrape,
    async stop() {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

/** The sum of a metric over those of its series whose labels contain `label`. */
export function sumOf(scrape: string, name: string, label = ""): number {
  const lines = scrape.split("\n").filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  const matching = lines.filter((line) => line.includes(label));
  return matching.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

async function printTroubles(stderr: Readable): Promise<void> {
  for await (const line of createInterface({ input: stderr })) {
    if (!line.includes('"level":"info"')) console.error(line);
  }
}

/** Waits for the first 200 of `/readyz`. */
export async function untilReady(child: ChildProcess, url: string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the runner ended with code ${child.exitCode} before it was ready`);
    const response = await fetch(url).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.status === 200) return;
    await sleep(2);
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

/** A fake of the outside world in a process of its own. */
export interface FakeProcess {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a fake Statewave that counts and keeps nothing, with every answer delayed by `latencyMs`. */
export function startStatewave(latencyMs: number, more: readonly string[] = []): Promise<FakeProcess> {
  return startFake(fakeStatewave, ["--keep", "none", "--latency-ms", String(latencyMs), ...more]);
}

/** Starts a sink that costs next to nothing: it answers as Statewave does, and checks nothing. */
export function startEchoingSink(): Promise<FakeProcess> {
  return startFake(fileURLToPath(new URL("../processes/echoing-sink.ts", import.meta.url)), []);
}

/** Starts a fake GitHub with one repository, `acme/widgets`, whose hourly limit is out of the way. */
export function startGithub(issues: number, comments: number): Promise<FakeProcess> {
  return startFake(fakeGithub, ["--issues", String(issues), "--comments", String(comments), "--requests-per-hour", "1000000"]);
}

async function startFake(script: string, options: readonly string[]): Promise<FakeProcess> {
  const args = ["--conditions=@statewave-connectors/source", script, "--port", "0", ...options];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const url = /https?:\/\/[^\s"]+/.exec(line)?.[0];
  if (url === undefined) throw new Error(`the fake said: ${line}`);
  return {
    url,
    async stop() {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    },
  };
}
