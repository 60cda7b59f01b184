import type { Episode, SourceKey } from "@statewave-connectors/connector-sdk";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import type { EntryCheck } from "../checks/check-entries.ts";
import { validateEpisode } from "../sinks/wire/validate-episode.ts";
import type { EngineOptions } from "../composition/engine-options.ts";
import { openConfiguredEntries } from "../composition/configured-entries.ts";
import type { PagesReport } from "../pages/pages-account.ts";
import type { CheckedFailedItem } from "../pages/failures.ts";
import { pullOf } from "../pull/pull-of.ts";
import { previewPull } from "../pull/preview-pull.ts";
import { silentPullObserver } from "../pull/pull-observer.ts";
import { checkEntry } from "../health/sources/check-entry.ts";

export interface TryPullRequest {
  readonly source: SourceKey;
  /** The start of the reading. Absent: as the entry's options say. */
  readonly cursor?: string | undefined;
  readonly onCheck: (check: EntryCheck) => void;
  /** `refusal`: why Statewave would not take it. */
  readonly onEpisode: (episode: Episode, refusal: string | undefined) => void;
  readonly onItemsFailed: (failures: readonly Pick<CheckedFailedItem, "id" | "reason">[]) => void;
}

export interface PullTrial {
  readonly requests: number;
  /** Absent: nothing was read, because no check succeeded. */
  readonly read?: PagesReport;
}

/**
 * Checks a pull entry and reads its first episodes, as a dry run does: with no state, no lease and no sink. Throws the error that ended
 * the reading, and `RUNNER_ENTRY_UNKNOWN` when there is no such entry.
 */
export async function tryPull(options: EngineOptions, request: TryPullRequest, signal: AbortSignal): Promise<PullTrial> {
  const { config, clock = systemClock } = options;
  let requests = 0;
  const { entries, close } = await openConfiguredEntries(options, { onRequest: () => void (requests += 1) });
  try {
    const pull = pullOf(entries.pulls, request.source);
    const results = await checkEntry(pull.source, { clock, signal });
    signal.throwIfAborted();
    request.onCheck({ source: pull.key, direction: "pull", results, rights: pull.rights ?? [] });
    if (results.length > 0 && results.every(({ ok }) => !ok)) return { requests };
    const outcome = await previewPull({
      pull,
      store: { get: async () => request.cursor },
      clock,
      syncTimeoutMs: config.runner.syncTimeoutMs,
      signal,
      observer: silentPullObserver,
      onEpisode: (episode) => request.onEpisode(episode, validateEpisode(episode)),
      onItemsFailed: request.onItemsFailed,
    });
    if (outcome.type === "failed") throw outcome.error;
    return { requests, read: outcome.report };
  } finally {
    await close();
  }
}
