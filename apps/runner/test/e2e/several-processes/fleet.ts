import { setTimeout as pause } from "node:timers/promises";
import type { RunnerProcess } from "../runner-process.ts";
import type { Ending, Workspace } from "../workspace.ts";
import type { Disturbances } from "./check-journal.ts";

/** How long a supervisor waits before it starts a process that ended. */
const restartAfterMs = 500;

export interface FleetOptions {
  readonly workspace: Workspace;
  readonly size: number;
  readonly program?: URL;
  readonly env?: Readonly<Record<string, string>>;
  /** For the first member only. */
  readonly envOfFirst?: Readonly<Record<string, string>>;
}

type Mutable<Records> = { -readonly [Name in keyof Records]: Records[Name] extends readonly (infer Item)[] ? Item[] : never };

/** Several processes on one configuration, each started again when it ends; and a record of what was done to them. */
export class Fleet {
  readonly members: readonly Member[];
  readonly disturbances: Mutable<Disturbances> = { pauses: [], deaths: [], outages: [] };

  constructor(ending: Ending, options: FleetOptions) {
    this.members = Array.from({ length: options.size }, (_, index) => new Member(options, index, this.disturbances));
    ending.onTestFinished(() => this.#abandon());
  }

  async start(): Promise<void> {
    await Promise.all(this.members.map((member) => member.start()));
  }

  /** Those that run and listen. */
  get healthy(): readonly Member[] {
    return this.members.filter((member) => member.isHealthy);
  }

  /** SIGTERM to all. */
  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.stop()));
  }

  #abandon(): void {
    for (const member of this.members) member.abandon();
  }
}

/** One place in the fleet, whatever process fills it at the time. */
export class Member {
  readonly #options: FleetOptions;
  readonly #index: number;
  readonly #disturbances: Mutable<Disturbances>;
  #runner: RunnerProcess | undefined;
  #url: string | undefined;
  #isPaused = false;
  #isStopped = false;
  /** How often a process ended by itself. */
  endedByItself = 0;

  constructor(options: FleetOptions, index: number, disturbances: Mutable<Disturbances>) {
    this.#options = options;
    this.#index = index;
    this.#disturbances = disturbances;
  }

  get isHealthy(): boolean {
    return this.#url !== undefined && !this.#isPaused;
  }

  /** Where it listens; undefined while it starts. */
  get url(): string | undefined {
    return this.#url;
  }

  get process(): RunnerProcess {
    if (this.#runner === undefined) throw new Error("the member was not started");
    return this.#runner;
  }

  /** Starts the process; resolves when it listens. */
  async start(): Promise<void> {
    const { workspace, env, envOfFirst, program } = this.#options;
    this.#isStopped = false;
    const ownEnv = { ...env, ...(this.#index === 0 ? envOfFirst : {}), E2E_MEMBER: String(this.#index) };
    const runner = workspace.launch(["run"], ownEnv, program);
    this.#runner = runner;
    void runner.exited.then(() => this.#supervise(runner));
    this.#url = await runner.listening();
  }

  async #supervise(ended: RunnerProcess): Promise<void> {
    if (this.#runner !== ended) return;
    this.#url = undefined;
    if (this.#isStopped) return;
    this.endedByItself += 1;
    await this.#restart();
  }

  async #restart(): Promise<void> {
    await pause(restartAfterMs);
    // A process that cannot start because the store is unreachable ends, and is started again.
    if (!this.#isStopped) await this.start().catch(() => undefined);
  }

  /** `kill -9`; a supervisor starts another one. */
  async kill(): Promise<void> {
    await this.#kill();
    await this.#restart();
  }

  /** `kill -9`, and no other one is started. */
  async killForGood(): Promise<void> {
    this.#isStopped = true;
    await this.#kill();
  }

  async #kill(): Promise<void> {
    const runner = this.process;
    this.#runner = undefined;
    this.#url = undefined;
    this.#disturbances.deaths.push({ pid: runner.pid, atMs: Date.now() });
    await runner.kill();
    this.#runner = runner;
  }

  /** SIGSTOP, and SIGCONT after a while. */
  async pauseFor(durationMs: number): Promise<void> {
    const { resume } = this.pause();
    await pause(durationMs);
    resume();
  }

  pause(): { readonly resume: () => void } {
    const runner = this.process;
    const fromMs = Date.now();
    this.#isPaused = true;
    runner.signal("SIGSTOP");
    return {
      resume: () => {
        // Noted before: from here on it may act.
        this.#disturbances.pauses.push({ pid: runner.pid, fromMs, toMs: Date.now() });
        this.#isPaused = false;
        runner.signal("SIGCONT");
      },
    };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#runner !== undefined && !this.#runner.hasExited) await this.#runner.terminate();
  }

  /** No more restarts; the workspace kills what runs. */
  abandon(): void {
    this.#isStopped = true;
    this.#runner?.signal("SIGCONT");
  }
}
