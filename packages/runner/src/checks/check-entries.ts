import {
  type CheckResult,
  type Clock,
  ConnectorsError,
  describeError,
  isConnectorsError,
  type Right,
  type SourceKey,
} from "@statewave-connectors/connector-sdk";
import { formatSourceKey, systemClock, toError } from "@statewave-connectors/connector-sdk/host";
import type { EngineOptions } from "../composition/engine-options.ts";
import { type EntryParts, openConfiguredEntries } from "../composition/configured-entries.ts";
import type { OpenedEntries } from "../composition/live-entries.ts";
import { checkEntry } from "../health/sources/check-entry.ts";
import type { Trouble } from "../health/sources/trouble.ts";
import { cursorFault } from "../pull/cursor-fault.ts";
import type { OpenedPull } from "../pull/opened-pull.ts";
import { watchTrouble } from "../watches/plan-renewal.ts";
import { parseRenewal, renewalKey, type RenewalRecord, renewalScope } from "../watches/renewal-record.ts";
import { type OpenedOperations, openOperations } from "../control/operations/open-operations.ts";

/** What the check of one entry found. */
export interface EntryCheck {
  readonly source: SourceKey;
  readonly direction: "pull" | "push";
  /** Empty: its connector checks nothing. */
  readonly results: readonly CheckResult[];
  /** What its token needs, as its connector declares it. */
  readonly rights: readonly Right[];
}

/** What a check does beside reading. */
export interface CheckOptions {
  /** Has providers send a test notification, where their connector can. Default false: nothing is written at a provider. */
  readonly testsPush?: boolean;
}

/**
 * Has every entry's connector reach its provider and compare rights with options, one after the other. Delivers nothing. Opens the state, or
 * reaches the runner that holds it, only for entries that keep something there.
 */
export async function checkEntries(
  options: EngineOptions,
  signal: AbortSignal,
  { testsPush = false }: CheckOptions = {},
): Promise<readonly EntryCheck[]> {
  const state = new StateOfChecks(options);
  const clock = options.clock ?? systemClock;
  const opened = await openConfiguredEntries(options, state.entryParts);
  try {
    const checks = await checkOpened(opened.entries, clock, signal);
    const more: EntryCheck[] = [];
    for (const check of checks) {
      more.push(await checkFurther(check, opened.entries, { state, clock, signal, testsPush }));
    }
    return more;
  } finally {
    await opened.close();
    await state.close();
  }
}

/** What is looked at beside the check of an entry's connector. */
export interface FurtherChecks extends Required<CheckOptions> {
  readonly state: StateOfChecks;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The stored cursors, by source. */
  readonly cursors?: ReadonlyMap<string, string> | undefined;
}

/** A check with what its state shows and, where that is wanted, with the result of a test notification. */
export async function checkFurther(
  check: EntryCheck,
  entries: OpenedEntries,
  { state, clock, signal, testsPush, cursors }: FurtherChecks,
): Promise<EntryCheck> {
  signal.throwIfAborted();
  const cursor = await cursorResults(check, entries, { clock, signal, cursors });
  const watch = await watchResults(check, entries, state, clock);
  const push = testsPush ? await testPushResults(check, entries, { clock, signal }) : [];
  return { ...check, results: [...check.results, ...cursor, ...watch, ...push] };
}

/** A failure if no run could begin from the stored cursor; else nothing. */
async function cursorResults(
  check: EntryCheck,
  entries: OpenedEntries,
  { clock, signal, cursors }: Pick<FurtherChecks, "clock" | "signal" | "cursors">,
): Promise<readonly CheckResult[]> {
  const pull = pullOf(check, entries);
  const cursor = cursors?.get(formatSourceKey(check.source));
  if (pull === undefined || pull.fault !== undefined || cursor === undefined) return [];
  const error = await cursorFault(pull, cursor, { clock, signal });
  return error === undefined ? [] : [{ ok: false, message: error.message, error }];
}

function pullOf({ direction, source }: EntryCheck, { pulls }: OpenedEntries): OpenedPull | undefined {
  return direction === "pull" ? pulls.find(({ key }) => formatSourceKey(key) === formatSourceKey(source)) : undefined;
}

/** Whether what the provider keeps for the entry expires. */
async function watchResults(
  check: EntryCheck,
  entries: OpenedEntries,
  state: StateOfChecks,
  clock: Clock,
): Promise<readonly CheckResult[]> {
  const { source } = check;
  const pull = pullOf(check, entries);
  if (pull?.source.maintain === undefined || pull.entry.dryRun) return [];
  try {
    const record = await state.renewalOf(source);
    const trouble = watchTrouble(source, record, clock.now());
    if (trouble !== undefined) return [{ ok: false, message: trouble.message, error: toFailure(trouble) }];
    const expiresAtMs = record?.renewed?.expiresAtMs;
    if (expiresAtMs === undefined) return [{ ok: true, message: "nothing is renewed yet: a runner does it when it starts" }];
    return [{ ok: true, message: `what the provider keeps for it is renewed until ${new Date(expiresAtMs).toISOString()}` }];
  } catch (thrown) {
    const error = toError(thrown);
    return [{ ok: false, message: describeError(error), ...(isConnectorsError(error) && { error }) }];
  }
}

function toFailure({
  code,
  message,
  hint = "look at the log of the runner for a renewal that failed",
}: Trouble): ConnectorsError {
  return new ConnectorsError({ code, message, hint });
}

async function testPushResults(
  { direction, source }: EntryCheck,
  { pulls, pushes }: OpenedEntries,
  limits: Parameters<typeof checkEntry>[1],
): Promise<readonly CheckResult[]> {
  const isIt = ({ key }: { readonly key: SourceKey }) => formatSourceKey(key) === formatSourceKey(source);
  const opened = direction === "pull" ? pulls.find(isIt)?.source : pushes.find(isIt)?.receiver;
  if (opened?.testPush === undefined) return [];
  return checkEntry({ check: async (testing) => (await opened.testPush?.(testing)) ?? [] }, limits);
}

/** The state of the entries that are checked, opened at its first use. */
export class StateOfChecks {
  readonly #options: EngineOptions;
  #opening: Promise<OpenedOperations> | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** A state that lives in a process has nothing to be looked at from outside. */
  get entryParts(): EntryParts {
    const { livesIn } = this.#options.config.runner.state;
    return livesIn === "process" ? {} : { records: async () => (await this.#open()).operations.secretRecords };
  }

  async renewalOf(source: SourceKey): Promise<RenewalRecord | undefined> {
    if (this.#options.config.runner.state.livesIn === "process") return undefined;
    const { operations } = await this.#open();
    const stored = await operations.records.get(renewalScope, renewalKey(source));
    return stored === undefined ? undefined : parseRenewal(stored.value);
  }

  async close(): Promise<void> {
    await (await this.#opening?.catch(() => undefined))?.close();
  }

  #open(): Promise<OpenedOperations> {
    return (this.#opening ??= openOperations(this.#options));
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
