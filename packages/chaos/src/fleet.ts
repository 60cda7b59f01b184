import { setTimeout as pause } from "node:timers/promises";
import type { Disturbances } from "./judge/check-journal.ts";

/** How long a supervisor waits before it starts a process that ended. */
const restartAfterMs = 500;
/** Longer than any time to drain that is configured in tests and trials. */
const usualEndMs = 30_000;

/** A runner as a process of its own. */
export interface FleetProcess {
  readonly pid: number;
  readonly hasExited: boolean;
  readonly exited: Promise<unknown>;
  /** The address it listens on, as soon as it does; rejects when it ends before. */
  listening(): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  kill(): Promise<unknown>;
  terminate(): Promise<unknown>;
}

export interface FleetOptions<Process extends FleetProcess> {
  readonly size: number;
  /** Starts the process of one place; called again for each that ends. */
  readonly launch: (index: number) => Process;
  /** How long a process may take to end after SIGTERM. Default: half a minute. */
  readonly endsWithinMs?: number;
}

type Mutable<Records> = { -readonly [Name in keyof Records]: Records[Name] extends readonly (infer Item)[] ? Item[] : never };

/** Several processes on one configuration, each started again when it ends; and a record of what was done to them. */
export class Fleet<Process extends FleetProcess = FleetProcess> {
  readonly members: readonly Member<Process>[];
  readonly disturbances: Mutable<Disturbances> = { pauses: [], deaths: [], outages: [] };

  readonly #endsWithinMs: number;

  constructor({ size, launch, endsWithinMs = usualEndMs }: FleetOptions<Process>) {
    this.#endsWithinMs = endsWithinMs;
    this.members = Array.from({ length: size }, (_, index) => new Member(() => launch(index), this.disturbances));
  }

  async start(): Promise<void> {
    await Promise.all(this.members.map((member) => member.start()));
  }

  /** Those that run and listen. */
  get healthy(): readonly Member<Process>[] {
    return this.members.filter((member) => member.isHealthy);
  }

  /** Which processes ended by themselves after they had begun to listen, a sentence each. */
  get endedByItself(): readonly string[] {
    return this.members.flatMap(({ lostPids }, index) => lostPids.map((pid) => `process ${index + 1} (${pid}) ended by itself`));
  }

  /** SIGTERM to all, and `kill -9` to those that do not end: answers which, a sentence each. */
  async stop(): Promise<readonly string[]> {
    const stopped = await Promise.all(this.members.map((member) => member.stop(this.#endsWithinMs)));
    return stopped.flatMap((isStopped, index) =>
      isStopped ? [] : [`process ${index + 1} still ran ${this.#endsWithinMs / 1_000} s after SIGTERM`],
    );
  }

  /** No more restarts, and paused processes run again. */
  abandon(): void {
    for (const member of this.members) member.abandon();
  }

  /** `kill -9` to all that run, and no restarts. */
  async killAll(): Promise<void> {
    this.abandon();
    await Promise.all(this.members.map((member) => member.killForGood()));
  }
}

/** One place in the fleet, whatever process fills it at the time. */
export class Member<Process extends FleetProcess = FleetProcess> {
  readonly #launch: () => Process;
  readonly #disturbances: Mutable<Disturbances>;
  #runner: Process | undefined;
  #url: string | undefined;
  #isPaused = false;
  #isStopped = false;
  /** The processes that ended by themselves after they had begun to listen. */
  readonly lostPids: number[] = [];

  constructor(launch: () => Process, disturbances: Mutable<Disturbances>) {
    this.#launch = launch;
    this.#disturbances = disturbances;
  }

  get isHealthy(): boolean {
    return this.#url !== undefined && !this.#isPaused;
  }

  /** Where it listens; undefined while it starts. */
  get url(): string | undefined {
    return this.#url;
  }

  get process(): Process {
    if (this.#runner === undefined) throw new Error("the member was not started");
    return this.#runner;
  }

  /** Starts the process; resolves when it listens. */
  async start(): Promise<void> {
    this.#isStopped = false;
    const runner = this.#launch();
    this.#runner = runner;
    void runner.exited.then(() => this.#supervise(runner));
    this.#url = await runner.listening();
  }

  async #supervise(ended: Process): Promise<void> {
    if (this.#runner !== ended) return;
    const hasListened = this.#url !== undefined;
    this.#url = undefined;
    if (this.#isStopped) return;
    // One that cannot start, because the store is unreachable, may end.
    if (hasListened) this.lostPids.push(ended.pid);
    await this.#restart();
  }

  async #restart(): Promise<void> {
    await pause(restartAfterMs);
    // It may end again: then it is started again.
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
    if (this.#runner !== undefined && !this.#runner.hasExited) await this.#kill();
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

  /** SIGTERM; false: it did not end in time, and was killed. */
  async stop(endsWithinMs = usualEndMs): Promise<boolean> {
    this.#isStopped = true;
    const runner = this.#runner;
    if (runner === undefined || runner.hasExited) return true;
    const hasEnded = new AbortController();
    const isLate = pause(endsWithinMs, true, { signal: hasEnded.signal }).catch(() => false);
    const wasLate = await Promise.race([runner.terminate().then(() => false), isLate]);
    hasEnded.abort();
    if (wasLate) await runner.kill();
    return !wasLate;
  }

  /** No more restarts; the caller that started the process ends it. */
  abandon(): void {
    this.#isStopped = true;
    this.#runner?.signal("SIGCONT");
  }
}
