import { type Episode, describeError } from "@statewave-connectors/connector-sdk";
import { toError } from "@statewave-connectors/connector-sdk/host";
import type { InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import { validateEpisode } from "../sinks/wire/validate-episode.ts";
import { abortable } from "../deadline/abortable.ts";
import type { CheckedFailedItem } from "../pages/failures.ts";
import { readPage, requirePages } from "../pages/read-page.ts";
import type { OpenedPush } from "../push/opened-push.ts";

/** What a stored delivery becomes. */
export interface MappedSample {
  readonly episodes: readonly {
    readonly episode: Episode;
    /** Why Statewave would not take it. */
    readonly refusal: string | undefined;
  }[];
  readonly failures: readonly Pick<CheckedFailedItem, "id" | "reason">[];
  readonly skipped: Readonly<Record<string, number>>;
  /** What ended the mapping. */
  readonly error?: string;
}

/** Maps a stored delivery as the runner does, and delivers nothing. */
export async function mapSample(
  { key, entry, receiver }: OpenedPush,
  { headers, body, receivedAtMs, id }: Extract<InboxItem, { type: "event" }>,
  signal: AbortSignal,
): Promise<MappedSample> {
  const reading = { source: key, direction: "push", subject: entry.subject } as const;
  const episodes: MappedSample["episodes"][number][] = [];
  const failures: CheckedFailedItem[] = [];
  const skipped: Record<string, number> = {};
  try {
    const pages = receiver.pages({ headers, body, receivedAtMs, ...(id !== undefined && { id }) }, signal);
    requirePages(pages, reading);
    for await (const yielded of abortable(pages, signal)) {
      const page = readPage(yielded, reading);
      for (const episode of page.episodes) episodes.push({ episode, refusal: validateEpisode(episode) });
      failures.push(...page.failures);
      for (const [reason, count] of Object.entries(page.skipped)) skipped[reason] = (skipped[reason] ?? 0) + count;
    }
  } catch (thrown) {
    signal.throwIfAborted();
    return { episodes, failures, skipped, error: describeError(toError(thrown)) };
  }
  return { episodes, failures, skipped };
}
