import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { PullObserver } from "../../pull/pull-observer.ts";
import type { SourceHealths } from "./source-healths.ts";

/** `observer`, with the ends of runs reported to the health of their sources as well. What fails while it is delivered is not the source's doing. */
export function watchRuns(observer: PullObserver, healths: SourceHealths): PullObserver {
  const failed = new Set<string>();
  return {
    ...observer,
    duesDropped(source) {
      observer.duesDropped?.(source);
      healths.of("pull", source).scheduled();
    },
    runFailed(source, phase, error) {
      observer.runFailed(source, phase, error);
      failed.add(formatSourceKey(source));
      if (phase === "sync") healths.of("pull", source).runFailed(error);
    },
    runEnded(source, durationMs, completedAtMs) {
      observer.runEnded(source, durationMs, completedAtMs);
      if (!failed.delete(formatSourceKey(source))) healths.of("pull", source).runSucceeded();
    },
  };
}
