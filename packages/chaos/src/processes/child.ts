import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { childFailed } from "../errors.ts";
import type { FleetProcess } from "../fleet.ts";
import type { FromChild, ToRunner } from "./protocol.ts";

export interface ChildOptions {
  /** Who it is, for messages. */
  readonly what: string;
  readonly program: string;
  readonly args?: readonly string[];
  /** What it writes to stderr goes there. */
  readonly logPath: string;
  /** Its working directory. */
  readonly folder: string;
  /** Sent at once. */
  readonly message?: ToRunner;
  readonly onStalled?: (stall: { readonly pid: number; readonly fromMs: number; readonly toMs: number }) => void;
}

/** A process that this one started. It ends with this one, because the channel between them then closes. */
export class Child implements FleetProcess {
  readonly exited: Promise<unknown>;
  readonly #child: ChildProcess;
  readonly #what: string;
  readonly #listening: Promise<string>;
  readonly #onStalled: ChildOptions["onStalled"];

  constructor({ what, program, args = [], logPath, folder, message, onStalled }: ChildOptions) {
    const log = openSync(logPath, "a");
    this.#what = what;
    this.#onStalled = onStalled;
    this.#child = fork(program, args, { cwd: folder, stdio: ["ignore", "ignore", log, "ipc"] });
    closeSync(log);
    this.exited = once(this.#child, "exit").then(() => undefined);
    this.#listening = this.#heard();
    // The caller may not wait for it.
    this.#listening.catch(() => undefined);
    if (message !== undefined) this.send(message);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  listening(): Promise<string> {
    return this.#listening;
  }

  send(message: ToRunner): void {
    // A process that was killed meanwhile does not hear it.
    if (this.#child.connected) this.#child.send(message, () => undefined);
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

  #heard(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#child.on("message", (message: FromChild) => {
        if (message.type === "listening") resolve(message.url);
        else if (message.type === "stalled") this.#onStalled?.({ pid: this.pid, fromMs: message.fromMs, toMs: message.toMs });
        else reject(childFailed(this.#what, message.reason));
      });
      this.#child.once("exit", (code, signal) => reject(childFailed(this.#what, `it ended with ${signal ?? code}`)));
    });
  }
}
