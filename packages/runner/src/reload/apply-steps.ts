import type { ParsedConfig } from "@statewave-connectors/config";
import { isConnectorsError, type Connector } from "@statewave-connectors/connector-sdk";
import { formatSourceKey, toError } from "@statewave-connectors/connector-sdk/host";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";
import type { RunnerParts } from "../composition/compose-runner.ts";
import { within } from "../deadline/within.ts";
import type { EntryName } from "../entry-name.ts";
import { effectiveConfig } from "./effective-config.ts";
import type { ReloadedPart } from "./reload-report.ts";
import { type EntryStep, type ReloadStep, subjectOf } from "./reload-step.ts";

/** A store that does not answer must not keep a token from being replaced. */
const storeWithinMs = 5_000;

/** What a step did, and when it holds. */
export interface AppliedStep {
  readonly part: ReloadedPart;
  /** Resolves when the run that was under way has ended. Never rejects. Absent: it holds at once. */
  readonly settled?: Promise<void>;
}

/** Carries out the steps, one entry after another; one that fails leaves its entry as it was. Never rejects. */
export async function applySteps(
  parts: RunnerParts,
  steps: readonly ReloadStep[],
  loaded: ParsedConfig,
): Promise<readonly AppliedStep[]> {
  const reload = new Reload(parts, loaded, await statesFor(parts, steps));
  const applied = steps.map((step) => ({ step, ...reload.apply(step) }));
  const done = applied.filter(({ part }) => part.result !== "failed" && part.result !== "restart");
  reload.finish(done.map(({ step }) => step));
  return applied;
}

/** What the store remembers of sources that are added. */
async function statesFor({ engine }: RunnerParts, steps: readonly ReloadStep[]): Promise<ReadonlyMap<string, SourceState>> {
  if (!steps.some((step) => step.type === "add" && step.direction === "pull")) return new Map();
  const { store, clock, logger } = engine;
  try {
    const states = await within({ clock, timeoutMs: storeWithinMs }, () => store.list());
    return new Map(states.map((state) => [formatSourceKey(state.source), state]));
  } catch (error) {
    logger.warn("the state of added sources could not be read: what they missed is not caught up with", { error });
    return new Map();
  }
}

class Reload {
  readonly #parts: RunnerParts;
  readonly #loaded: ParsedConfig;
  readonly #states: ReadonlyMap<string, SourceState>;

  constructor(parts: RunnerParts, loaded: ParsedConfig, states: ReadonlyMap<string, SourceState>) {
    this.#parts = parts;
    this.#loaded = loaded;
    this.#states = states;
  }

  apply(step: ReloadStep): AppliedStep {
    const subject = subjectOf(step);
    switch (step.type) {
      case "restart":
        return { part: { subject, result: "restart", ...(step.because !== undefined && { because: step.because }) } };
      case "key": {
        const { keys, delivery } = this.#parts.engine;
        keys.replace(this.#loaded.config.statewave);
        delivery.tryNow();
        return { part: { subject, result: "changed" } };
      }
      case "credentials":
        return { part: { subject, result: "changed" } };
      case "remove":
        return { part: { subject, result: "removed" }, ...this.#remove(step.name) };
      case "add":
      case "change":
        return this.#open(step, subject);
    }
  }

  /** What all steps together change. */
  finish(done: readonly ReloadStep[]): void {
    const { engine, metrics, http, mountOf, checks, proven } = this.#parts;
    const { entries, config: before } = engine;
    const { config: after, connectors } = this.#loaded;
    const config = effectiveConfig(before, after, done);
    const kept = [...connectors].filter(([kind]) => before.connectorPackages[kind] === after.connectorPackages[kind]);
    engine.adopt(config, new Map<string, Connector>([...engine.connectors, ...kept]));
    engine.binding.follow(config.pull.map(({ kind, name }) => ({ kind, name })));
    metrics.follow({ pulls: config.pull, pushes: config.push });
    http.mount(entries.pushes.map(mountOf));
    const pushes = done.flatMap((step) =>
      "entry" in step && step.direction === "push" ? (entries.pushOf(step.entry) ?? []) : [],
    );
    void proven.learn(pushes.map(({ key }) => key));
    checks.check({ pulls: [], pushes });
  }

  #open(step: EntryStep, subject: string): AppliedStep {
    const { engine, repair } = this.#parts;
    const { config, connectors } = this.#loaded;
    const connector = connectors.get(step.entry.kind);
    const part: ReloadedPart = { subject, result: step.type === "add" ? "added" : "changed" };
    try {
      if (step.direction === "pull") {
        const pull = engine.opener.openPull({ config, entry: step.entry, connector });
        engine.entries.putPull(pull);
        return { part, settled: this.#settlePull({ direction: "pull", source: pull.key }) };
      }
      const push = engine.opener.openPush({ config, entry: step.entry, connector });
      engine.entries.putPush(push);
      const wasUnhealthy = engine.healths.of("push", push.key).state.status === "unhealthy";
      engine.healths.forget("push", push.key);
      if (wasUnhealthy) repair.recovered(push.key);
      return { part };
    } catch (thrown) {
      const error = toError(thrown);
      const { code, hint } = isConnectorsError(error) ? error : { code: "RUNNER_INTERNAL", hint: undefined };
      return {
        part: { subject, result: "failed", error: { code, message: error.message, ...(hint !== undefined && { hint }) } },
      };
    }
  }

  #remove(name: EntryName): Pick<AppliedStep, "settled"> {
    const { entries, healths } = this.#parts.engine;
    entries.remove(name);
    if (name.direction === "pull") return { settled: this.#settlePull(name) };
    healths.forget("push", name.source);
    return {};
  }

  /** Has the schedule and the watches follow the entry. A later reload may have changed it again before the run has ended. */
  async #settlePull({ source }: EntryName): Promise<void> {
    const { engine, checks } = this.#parts;
    const { scheduler, watches, healths, heartbeat, entries, pauses } = engine;
    const pull = entries.pullOf(source);
    const changed =
      pull === undefined ? scheduler.remove(source) : scheduler.put(pull, this.#states.get(formatSourceKey(source)));
    if (pull !== undefined) scheduler.setPaused(source, pauses.of({ direction: "pull", source }) !== undefined);
    await watches.replace(source, undefined);
    await changed;
    if (entries.pullOf(source) !== pull) return;
    healths.forget("pull", source);
    if (pull === undefined) return;
    healths.of("pull", source).scheduled();
    heartbeat.beatSoon();
    await watches.replace(source, pull);
    checks.check({ pulls: [pull], pushes: [] });
  }
}
