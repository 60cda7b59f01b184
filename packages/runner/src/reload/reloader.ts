import type { ParsedConfig } from "@statewave-connectors/config";
import { ConnectorsError, type Logger, sleep } from "@statewave-connectors/connector-sdk";
import type { Actor } from "../actions/actor.ts";
import { recordAction } from "../actions/record-action.ts";
import type { RunnerParts } from "../composition/compose-runner.ts";
import { type EntryName, entryNamesOf, formatEntryName } from "../entry-name.ts";
import { stoppingError } from "../pull/pull-errors.ts";
import { type AppliedStep, applySteps } from "./apply-steps.ts";
import { logPart } from "./log-part.ts";
import { planReload } from "./plan-reload.ts";
import type { ReloadedPart, ReloadReport } from "./reload-report.ts";
import { type ReloadStep, subjectOf } from "./reload-step.ts";

export interface ReloaderOptions {
  readonly parts: RunnerParts;
  /** Reads the configuration again, and checks all of it. Absent: the program gave the runner none to read. */
  readonly readConfig: (() => Promise<ParsedConfig>) | undefined;
  /** Whether the runner is between start and stop. */
  readonly isRunning: () => boolean;
}

/** A report waits so long for runs to reach their next page. */
const settleWithinMs = 5_000;

function isLeft({ part: { result } }: AppliedStep): boolean {
  return result === "failed" || result === "restart";
}

/** Brings a running process to what its configuration says now. */
export class Reloader {
  readonly #options: ReloaderOptions;
  #running: Promise<ReloadReport> | undefined;
  #waiting: Promise<ReloadReport> | undefined;
  /** Entries that the last reload left as they were: what the file says of them is not in effect. */
  #unapplied: ReadonlySet<string> = new Set();

  constructor(options: ReloaderOptions) {
    this.#options = options;
  }

  /**
   * One at a time: what is requested while one is under way shares the next one, which reads the configuration again. Throws what is wrong with the
   * configuration, with everything as it was.
   */
  reload(by: Actor): Promise<ReloadReport> {
    if (this.#running === undefined && this.#waiting === undefined) return this.#begin(by);
    this.#waiting ??= (this.#running ?? Promise.resolve()).then(ignore, ignore).then(() => {
      this.#waiting = undefined;
      return this.#begin(by);
    });
    return this.#waiting;
  }

  #begin(by: Actor): Promise<ReloadReport> {
    this.#running = this.#reload(by).finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #reload(by: Actor): Promise<ReloadReport> {
    const { parts, isRunning } = this.#options;
    const { engine } = parts;
    const { logger } = engine;
    const loaded = await this.#read(logger);
    if (!isRunning()) throw stoppingError();
    const { entries } = engine;
    const isOpened = (name: EntryName) => {
      const opened = name.direction === "pull" ? entries.pullOf(name.source) : entries.pushOf(name.source);
      return opened?.fault === undefined && !this.#unapplied.has(formatEntryName(name));
    };
    const steps = planReload(engine.config, loaded.config, isOpened);
    const applied = steps.length === 0 ? [] : await this.#record(by, steps, () => applySteps(parts, steps, loaded));
    this.#unapplied = new Set(applied.filter(isLeft).map(({ part }) => part.subject));
    for (const { part } of applied) logPart(logger, part);
    const report = { parts: await this.#settle(applied), unchanged: unchangedIn(loaded, steps) };
    logger.info("configuration reloaded", { ...countsOf(report.parts), unchanged: report.unchanged });
    return report;
  }

  async #read(logger: Logger): Promise<ParsedConfig> {
    const { readConfig } = this.#options;
    try {
      if (readConfig === undefined) throw nothingToRead();
      return await readConfig();
    } catch (error) {
      logger.error("the configuration cannot be reloaded, and everything stays as it was", { error });
      throw error;
    }
  }

  /** In the audit log, if the store can take it: a token must be replaceable while the store is down. */
  async #record(
    by: Actor,
    steps: readonly ReloadStep[],
    apply: () => Promise<readonly AppliedStep[]>,
  ): Promise<readonly AppliedStep[]> {
    const { store, clock, random, logger } = this.#options.parts.engine;
    const { records } = store;
    if (records === undefined) return apply();
    let applying: Promise<readonly AppliedStep[]> | undefined;
    const action = { by, command: "reload", targets: steps.map(subjectOf) };
    try {
      return await recordAction({ records, clock, random }, action, async () => {
        const applied = await (applying = apply());
        return { result: applied, after: applied.map(({ part: { subject, result } }) => ({ subject, result })) };
      });
    } catch (error) {
      logger.warn("a reload is not in the audit log", { error });
      return await (applying ?? apply());
    }
  }

  async #settle(applied: readonly AppliedStep[]): Promise<readonly ReloadedPart[]> {
    const { clock, logger } = this.#options.parts.engine;
    const pending = new Map(applied.flatMap((step) => (step.settled === undefined ? [] : [[step, step.settled] as const])));
    const all = Promise.all([...pending].map(([step, settled]) => settled.then(() => pending.delete(step))));
    const enough = new AbortController();
    await Promise.race([all, sleep(clock, settleWithinMs, enough.signal).catch(ignore)]);
    enough.abort(new Error("every entry has settled"));
    for (const [{ part }, settled] of pending)
      void settled.then(() => logger.info("the run of a reloaded entry has ended", { entry: part.subject, result: part.result }));
    return applied.map((step) => (pending.has(step) ? { ...step.part, isPending: true } : step.part));
  }
}

function unchangedIn({ config }: ParsedConfig, steps: readonly ReloadStep[]): number {
  const touched = new Set(steps.map(subjectOf));
  return entryNamesOf(config).filter((name) => !touched.has(formatEntryName(name))).length;
}

function countsOf(parts: readonly ReloadedPart[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { result } of parts) counts[result] = (counts[result] ?? 0) + 1;
  return counts;
}

function nothingToRead(): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_RELOAD_UNSUPPORTED",
    message: "this runner was started without a configuration that it could read again",
    hint: "pass readConfig to createRunner(), or restart it",
  });
}

function ignore(): void {}
