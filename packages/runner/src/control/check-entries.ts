import { type CheckResult, describeError, type SourceKey } from "@statewave-connectors/connector-sdk";
import { type EngineOptions, openConfiguredEntries } from "../engine.ts";
import { abortReasonOf } from "./abort-reason-of.ts";

/** What the check of one entry found. */
export interface EntryCheck {
  readonly source: SourceKey;
  readonly direction: "pull" | "push";
  /** Empty: its connector checks nothing. */
  readonly results: readonly CheckResult[];
}

const checkTimeoutMs = 30_000;

/** Has every entry's connector reach its provider and compare rights with options, one after the other. Opens no state, delivers nothing. */
export async function checkEntries(options: EngineOptions, signal: AbortSignal): Promise<readonly EntryCheck[]> {
  const { pulls, pushes } = (await openConfiguredEntries(options)).entries;
  const entries = [
    ...pulls.map(({ key, source }) => ({ source: key, direction: "pull" as const, checked: source })),
    ...pushes.map(({ key, receiver }) => ({ source: key, direction: "push" as const, checked: receiver })),
  ];
  const checks: EntryCheck[] = [];
  for (const { source, direction, checked } of entries) {
    signal.throwIfAborted();
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(checkTimeoutMs)]);
    checks.push({ source, direction, results: await settle(checked.check?.(deadline), deadline) });
  }
  return checks;
}

/** A check that throws, or that never answers, has failed. */
async function settle(
  check: Promise<readonly CheckResult[]> | undefined,
  deadline: AbortSignal,
): Promise<readonly CheckResult[]> {
  try {
    return await Promise.race([check ?? [], abortReasonOf(deadline)]);
  } catch (error) {
    return [{ ok: false, message: describeError(error) }];
  }
}
