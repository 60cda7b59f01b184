import type { Clock, Episode } from "@statewave-connectors/connector-sdk";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import type { CheckedFailedItem } from "../pages/failures.ts";
import type { OpenedPull } from "./opened-pull.ts";
import type { PullObserver } from "./pull-observer.ts";
import { runPull, type RunOutcome, type RunPullOptions } from "./run-pull.ts";

/** A dry run ends after so many episodes unless the entry's `max_items` says otherwise. */
const previewItems = 100;

export interface PreviewOptions {
  readonly pull: OpenedPull;
  readonly store: Pick<CursorStore, "get">;
  readonly clock: Clock;
  readonly syncTimeoutMs: number;
  readonly signal: AbortSignal;
  /** See `RunPullOptions`. Default: it ends early for nothing. */
  readonly endReason?: RunPullOptions["endReason"];
  readonly observer: PullObserver;
  readonly onEpisode: (episode: Episode) => void;
  /** Called with the items of a page that cannot be mapped. */
  readonly onItemsFailed?: ((failures: readonly CheckedFailedItem[]) => void) | undefined;
}

/** A dry run: reads from the stored cursor, without a lease, delivers nothing and writes nothing. */
export async function previewPull(options: PreviewOptions): Promise<RunOutcome> {
  const { pull, store, observer, onEpisode, onItemsFailed } = options;
  const cursor = await store.get(pull.key);
  return runPull({
    pull: { ...pull, entry: { ...pull.entry, maxItems: pull.entry.maxItems ?? previewItems } },
    lease: { source: pull.key, owner: "dry-run", epoch: 0, resumed: false, ...(cursor === undefined ? {} : { cursor }) },
    isDryRun: true,
    checkpoint: async () => true,
    deliver: async ({ episodes }) => {
      for (const episode of episodes) onEpisode(episode);
      return { delivered: 0, buried: 0, withheld: episodes.length };
    },
    buryFailedItem: async () => undefined,
    ...(onItemsFailed !== undefined && { pageObservers: [{ itemsBuried: onItemsFailed }] }),
    clock: options.clock,
    syncTimeoutMs: options.syncTimeoutMs,
    observer: { ...observer, episodesIngested: () => undefined, itemsFailed: () => undefined },
    signal: options.signal,
    endReason: options.endReason ?? (() => undefined),
  });
}
