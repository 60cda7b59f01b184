import type { Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import { isStop } from "../pull/pull-errors.ts";
import type { EngineObservers } from "../composition/engine-options.ts";
import { callHook } from "./call-hook.ts";

/** What failed: an HTTP request, storing or refusing a webhook, mapping or delivering a stored event, a run of a pull source. */
export type FailedWork = "request" | "webhook" | "event" | "pull";

/** Where a failure happened. */
export interface FailureContext {
  readonly during: FailedWork;
  /** Absent for a request that belongs to no source, such as a scrape of the metrics. */
  readonly source?: SourceKey;
}

/** Called with each failure as it happens. What it throws is logged and ignored. */
export type OnError = (error: unknown, context: FailureContext) => void;

/** Passes a failure to the embedder's hook. Never throws. */
export type ReportFailure = (during: FailedWork, error: unknown, source?: SourceKey) => void;

/** Calls the embedder's hook; a hook that throws does not disturb the work that it reports. */
export function failureReporter(onError: OnError | undefined, logger: Logger): ReportFailure {
  if (onError === undefined) return () => undefined;
  return (during, error, source) => {
    const key = source && { kind: source.kind, name: source.name };
    callHook("onError threw", logger, () => onError(error, { during, ...(key && { source: key }) }));
  };
}

/** The observers of an engine, with failed runs reported as well. A run that a stop ends has not failed. */
export function reportingPulls<Observers extends Pick<EngineObservers, "pull">>(
  observers: Observers,
  report: ReportFailure,
): Observers {
  const { pull } = observers;
  return {
    ...observers,
    pull: {
      ...pull,
      runFailed(source, phase, error) {
        pull.runFailed(source, phase, error);
        if (!isStop(error)) report("pull", error, source);
      },
    },
  };
}
