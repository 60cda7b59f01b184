import type { ConnectorsConfig, PullEntry, PushEntry } from "@statewave-connectors/config";
import { type EffectiveRules, effectiveRules, isSameEntry } from "@statewave-connectors/config/result";
import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { EntryDirection, EntryName } from "../entry-name.ts";
import { planSettings } from "./plan-settings.ts";
import { type EntryStep, type ReloadStep, subjectOf } from "./reload-step.ts";

/**
 * What brings a process from the configuration that is in effect to another one, in order: pulls come before the receivers that name them as
 * twins, and what leaves goes last, receivers first. An entry that could not be opened is opened again, although nothing of it has changed. Pure.
 */
export function planReload(
  before: ConnectorsConfig,
  after: ConnectorsConfig,
  isOpened: (entry: EntryName) => boolean = () => true,
): readonly ReloadStep[] {
  if (before.path !== after.path) return [{ type: "restart", subject: after.path, because: `${before.path} was started` }];
  const rules = { before: effectiveRules(before), after: effectiveRules(after) };
  const orRestart = (step: EntryStep): ReloadStep => {
    const because = restartReason(step, before, after, rules);
    return because === undefined ? step : { type: "restart", subject: subjectOf(step), because };
  };
  const twins = { before: twinsIn(before), after: twinsIn(after) };
  const isSamePull = (former: PullEntry, entry: PullEntry) => {
    const key = formatSourceKey(entry);
    const isSame =
      isSameEntry(former, entry) && isSameDues(entry, before, after) && twins.before.has(key) === twins.after.has(key);
    return isSame && isOpened({ direction: "pull", source: entry });
  };
  const isSamePush = (former: PushEntry, entry: PushEntry) =>
    isSameEntry(former, entry) && isOpened({ direction: "push", source: entry });
  const pulls = compare(before.pull, after.pull, isSamePull);
  const pushes = compare(before.push, after.push, isSamePush);
  return [
    ...planSettings(before, after),
    ...pulls.opened.map((step) => orRestart({ ...step, direction: "pull" })),
    ...pushes.opened.map((step) => orRestart({ ...step, direction: "push" })),
    ...pushes.left.map((entry) => removal("push", entry)),
    ...pulls.left.map((entry) => removal("pull", entry)),
  ];
}

interface Compared<Entry> {
  readonly opened: readonly { readonly type: "add" | "change"; readonly entry: Entry }[];
  readonly left: readonly Entry[];
}

function compare<Entry extends SourceKey>(
  before: readonly Entry[],
  after: readonly Entry[],
  isSame: (former: Entry, entry: Entry) => boolean,
): Compared<Entry> {
  const formerOf = new Map(before.map((entry) => [formatSourceKey(entry), entry]));
  const stays = new Set(after.map(formatSourceKey));
  return {
    opened: after.flatMap((entry): Compared<Entry>["opened"] => {
      const former = formerOf.get(formatSourceKey(entry));
      if (former === undefined) return [{ type: "add", entry }];
      return isSame(former, entry) ? [] : [{ type: "change", entry }];
    }),
    left: before.filter((entry) => !stays.has(formatSourceKey(entry))),
  };
}

function removal(direction: EntryDirection, { kind, name }: PullEntry | PushEntry): ReloadStep {
  return { type: "remove", name: { direction, source: { kind, name } } };
}

/** Cron is read in the time zone of `[runner]`. */
function isSameDues({ schedule }: PullEntry, before: ConnectorsConfig, after: ConnectorsConfig): boolean {
  return schedule.intervalMs !== undefined || before.runner.timezone === after.runner.timezone;
}

/** The pulls that receivers name as their twins. */
function twinsIn({ push }: ConnectorsConfig): ReadonlySet<string> {
  return new Set(push.flatMap(({ kind, pull }) => (pull === undefined ? [] : [formatSourceKey({ kind, name: pull })])));
}

/** Code is loaded once, and the rules of redaction are compiled once: an entry that needs others waits for a restart. */
function restartReason(
  { entry }: EntryStep,
  before: ConnectorsConfig,
  after: ConnectorsConfig,
  rules: { readonly before: EffectiveRules; readonly after: EffectiveRules },
): string | undefined {
  const { kind } = entry;
  if (before.connectorPackages[kind] !== after.connectorPackages[kind]) return `[connectors] ${kind} has changed`;
  return rulesOf(entry, rules.before) === rulesOf(entry, rules.after) ? undefined : "its rules of redaction have changed";
}

function rulesOf(source: SourceKey, { bySource, everywhere }: EffectiveRules): string {
  return [...(bySource.get(formatSourceKey(source)) ?? everywhere)].toSorted((left, right) => (left < right ? -1 : 1)).join();
}
