import type { ConnectorsConfig, PullEntry, PushEntry } from "@statewave-connectors/config";
import type { RunnerConfig, StatewaveConfig } from "@statewave-connectors/config/result";
import { type EntryDirection, formatEntryName } from "../entry-name.ts";
import type { ReloadStep } from "./reload-step.ts";

/** What is in effect when these steps were carried out: the former configuration with what they have changed. Pure. */
export function effectiveConfig(
  before: ConnectorsConfig,
  after: ConnectorsConfig,
  done: readonly ReloadStep[],
): ConnectorsConfig {
  const opened = new Set<PullEntry | PushEntry>(done.flatMap((step) => ("entry" in step ? [step.entry] : [])));
  const removed = new Set(done.flatMap((step) => (step.type === "remove" ? [formatEntryName(step.name)] : [])));
  const entries = <Entry extends PullEntry | PushEntry>(
    direction: EntryDirection,
    former: readonly Entry[],
    next: readonly Entry[],
  ): readonly Entry[] => {
    const nameOf = (source: Entry) => formatEntryName({ direction, source });
    const replaced = new Map(next.filter((entry) => opened.has(entry)).map((entry) => [nameOf(entry), entry]));
    const kept = former.filter((entry) => !removed.has(nameOf(entry)));
    const names = new Set(kept.map(nameOf));
    return [
      ...kept.map((entry) => replaced.get(nameOf(entry)) ?? entry),
      ...[...replaced].flatMap(([name, entry]) => (names.has(name) ? [] : [entry])),
    ];
  };
  return {
    ...before,
    statewave: done.some(({ type }) => type === "key") ? withKeys(before.statewave, after.statewave) : before.statewave,
    runner: withCredentials(before.runner, after.runner, done),
    pull: entries("pull", before.pull, after.pull),
    push: entries("push", before.push, after.push),
  };
}

function withKeys(before: StatewaveConfig, { apiKey, credentials }: StatewaveConfig): StatewaveConfig {
  const { apiKey: _, credentials: __, ...others } = before;
  return { ...others, ...(apiKey !== undefined && { apiKey }), ...(credentials !== undefined && { credentials }) };
}

function withCredentials(before: RunnerConfig, after: RunnerConfig, done: readonly ReloadStep[]): RunnerConfig {
  const has = (subject: string) => done.some((step) => step.type === "credentials" && step.subject === subject);
  return {
    ...before,
    // The schedules that are opened anew are read in it.
    timezone: after.timezone,
    ...(has("[runner.metrics] auth") && { metrics: after.metrics }),
    ...(has("[runner.admin] token") && after.admin !== undefined && { admin: after.admin }),
  };
}
