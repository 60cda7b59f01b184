// An installed runner with one connector, the connector's provider and a Statewave, each a process of its own, in a folder outside this repository.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { attempt, run } from "./commands.mjs";

const patienceMs = 60_000;

/** @typedef {{ readonly url: string, readonly token: string }} Provider */
/** @typedef {{ readonly idempotency_key: string, readonly type: string }} StoredEpisode */

/** Waits until `read` gives something. @template T @param {string} what @param {() => T | undefined | false | Promise<T | undefined | false>} read @returns {Promise<T>} */
export async function until(what, read) {
  const endMs = performance.now() + patienceMs;
  for (;;) {
    const found = await read();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > endMs) throw new Error(`not within ${patienceMs / 1_000} s: ${what}`);
    await delay(20);
  }
}

export class OutsideWorld {
  /** @type {import("node:child_process").ChildProcess[]} */
  #processes = [];

  /** @param {string} app @param {string} kind */
  constructor(app, kind) {
    this.app = app;
    this.kind = kind;
    this.connector = join(app, `statewave-connector-${kind}`);
    this.folder = join(app, `e2e-${kind}`);
    this.config = join(this.folder, "statewave-connectors.toml");
    this.statewave = "";
    /** @type {Provider} */
    this.provider = { url: "", token: "" };
  }

  /** Starts the servers and writes the configuration. @param {(provider: Provider) => string} entries */
  async open(entries) {
    mkdirSync(this.folder);
    const testing = join(this.app, "node_modules/@statewave-connectors/testing/dist");
    const routes = join(this.connector, "test/fake-provider.ts");
    const provider = this.#start([join(testing, "fake-provider/main.js"), "--routes", routes]);
    const statewave = this.#start([join(testing, "fake-statewave/main.js")]);
    this.provider = JSON.parse(await firstLine(provider));
    this.statewave = await firstLine(statewave);
    this.writeConfig(this.config, entries(this.provider));
  }

  /** @param {string} path @param {string} entries */
  writeConfig(path, entries) {
    const name = `statewave-connector-${this.kind}`;
    const text = `[statewave]\nurl = "${this.statewave}"\n[runner]\nhost = "127.0.0.1"\nport = 0\nstate_dir = "./state"\n[runner.state]\nkind = "file"\n`;
    writeFileSync(path, `${text}[connectors]\n${this.kind} = "${name}"\n${entries}`);
  }

  /** A command to its end, as a user types it. @param {string[]} args */
  command(...args) {
    return attempt(this.app, "npx", "--no-install", "statewave-connectors", ...args, "--config", this.config);
  }

  /** The JSON lines that a command prints. @param {string[]} args */
  jsonLines(...args) {
    const withConfig = args.includes("--config") ? args : [...args, "--config", this.config];
    const program = join(this.app, "node_modules/statewave-connectors/dist/main.js");
    const stdout = run(this.app, process.execPath, program, ...withConfig);
    return stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
  }

  /** The program, to be killed. @param {string[]} args */
  start(...args) {
    const program = join(this.app, "node_modules/statewave-connectors/dist/main.js");
    return this.#start([program, ...args, "--config", this.config]);
  }

  /** Waits until Statewave has so many episodes. @param {number} count */
  async stored(count) {
    await until(`Statewave has ${count} episodes`, async () => (await this.stats()).stored >= count);
  }

  /** @returns {Promise<{ stored: number, duplicates: number, requests: number }>} */
  stats() {
    return getJson(`${this.statewave}/_fake/stats`);
  }

  /** @returns {Promise<readonly StoredEpisode[]>} */
  async episodes() {
    return (await getJson(`${this.statewave}/_fake/episodes`)).episodes;
  }

  /** @param {readonly object[]} faults */
  async setFaults(faults) {
    await request(`${this.statewave}/_fake/faults`, { method: "POST", body: JSON.stringify(faults) });
  }

  /** What the provider was requested. @returns {Promise<{ answers: Record<string, number>, refused: readonly string[] }>} */
  requested() {
    return getJson(`${this.provider.url}/__fake__/stats`);
  }

  async close() {
    for (const child of this.#processes) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  }

  /** @param {string[]} command */
  #start(command) {
    const child = spawn(process.execPath, command, { cwd: this.folder, stdio: ["ignore", "pipe", "pipe"] });
    this.#processes.push(child);
    return child;
  }
}

/** @param {import("node:child_process").ChildProcess} child @returns {Promise<string>} */
async function firstLine(child) {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new TypeError("the process has no pipes");
  let said = "";
  stderr.setEncoding("utf8").on("data", (text) => (said += text));
  const ended = once(child, "exit").then(() => Promise.reject(new Error(`the process ended: ${said}`)));
  const [line] = await Promise.race([once(createInterface({ input: stdout }), "line"), ended]);
  return line;
}

/** On a connection of its own: while a command ran, the server may have closed one that was kept. @param {string} url @param {Omit<RequestInit, "headers"> & { headers?: Readonly<Record<string, string>> }} [init] */
export function request(url, { headers, ...init } = {}) {
  return fetch(url, { ...init, headers: { ...headers, connection: "close" } });
}

/** @param {string} url @returns {Promise<any>} */
async function getJson(url) {
  return (await request(url)).json();
}
