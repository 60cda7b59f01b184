import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { Fleet, type FleetProcess } from "../src/fleet.ts";

/** A process that says that it listens, and then does what the text says. */
class Script implements FleetProcess {
  readonly exited: Promise<unknown>;
  readonly #child: ChildProcess;
  readonly #said: Promise<unknown>;

  constructor(text: string) {
    this.#child = spawn(process.execPath, ["-e", text], { stdio: ["ignore", "pipe", "ignore"] });
    this.exited = once(this.#child, "exit");
    this.#said = once(this.#child.stdout!, "data");
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async listening(): Promise<string> {
    await Promise.race([
      this.#said,
      this.exited.then(() => {
        throw new Error("it ended before it listened");
      }),
    ]);
    return "http://127.0.0.1:1";
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async kill(): Promise<void> {
    this.signal("SIGKILL");
    if (!this.hasExited) await this.exited;
  }

  async terminate(): Promise<void> {
    this.signal("SIGTERM");
    if (!this.hasExited) await this.exited;
  }
}

const obeying = 'console.log("up"); setInterval(() => {}, 1e6)';
const deaf = `process.on("SIGTERM", () => {}); ${obeying}`;
const failing = 'console.log("up"); setTimeout(() => process.exit(3), 1)';

it("names the process that SIGTERM does not end in time, and ends it all the same", async () => {
  const started: Script[] = [];
  const launch = (index: number) => {
    const script = new Script(index === 1 ? deaf : obeying);
    started.push(script);
    return script;
  };
  const fleet = new Fleet({ size: 2, launch, endsWithinMs: 300 });
  await fleet.start();
  expect(await fleet.stop()).toEqual(["process 2 still ran 0.3 s after SIGTERM"]);
  expect(started.map(({ hasExited }) => hasExited)).toEqual([true, true]);
  expect(fleet.endedByItself).toEqual([]);
});

it("names a process that ended by itself, and none that was killed or never listened", async () => {
  const texts = [failing, "process.exit(1)", obeying];
  const pids: number[] = [];
  const launch = () => {
    const script = new Script(texts.shift() ?? obeying);
    pids.push(script.pid);
    return script;
  };
  const fleet = new Fleet({ size: 1, launch });
  await fleet.start();
  // Started again after it ended, and again after one that did not come as far as to listen.
  await expect.poll(() => pids.length).toBe(3);
  await expect.poll(() => fleet.healthy.length).toBe(1);
  await fleet.members[0]?.kill();
  expect(fleet.endedByItself).toEqual([`process 1 (${pids[0]}) ended by itself`]);
  expect(await fleet.stop()).toEqual([]);
});
