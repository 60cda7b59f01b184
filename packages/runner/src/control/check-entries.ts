import type { CheckResult, Clock, Right, SourceKey } from "@statewave-connectors/connector-sdk";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import type { EngineOptions } from "../composition/engine-options.ts";
import { openConfiguredEntries } from "../composition/configured-entries.ts";
import type { OpenedEntries } from "../composition/open-entries.ts";
import { checkEntry } from "../health/sources/check-entry.ts";

/** What the check of one entry found. */
export interface EntryCheck {
  readonly source: SourceKey;
  readonly direction: "pull" | "push";
  /** Empty: its connector checks nothing. */
  readonly results: readonly CheckResult[];
  /** What its token needs, as its connector declares it. */
  readonly rights: readonly Right[];
}

/** Has every entry's connector reach its provider and compare rights with options, one after the other. Opens no state, delivers nothing. */
export async function checkEntries(options: EngineOptions, signal: AbortSignal): Promise<readonly EntryCheck[]> {
  const opened = await openConfiguredEntries(options);
  try {
    return await checkOpened(opened.entries, options.clock ?? systemClock, signal);
  } finally {
    await opened.close();
  }
}

/** What the connectors of opened entries find, one after the other. */
export async function checkOpened(
  { pulls, pushes }: OpenedEntries,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly EntryCheck[]> {
  const entries = [
    ...pulls.map(({ key, source, rights = [] }) => ({ source: key, direction: "pull" as const, checked: source, rights })),
    ...pushes.map(({ key, receiver, rights = [] }) => ({ source: key, direction: "push" as const, checked: receiver, rights })),
  ];
  const checks: EntryCheck[] = [];
  for (const { source, direction, checked, rights } of entries) {
    signal.throwIfAborted();
    checks.push({ source, direction, rights, results: await checkEntry(checked, { clock, signal }) });
  }
  return checks;
}
