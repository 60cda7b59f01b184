import type { Episode } from "../contract/episode.ts";

/**
 * The candidates of an episode that says nothing on its own. Statewave keeps one memory of all that have the same words, so that they do not
 * take the place of others: it looks at 30 summaries for an answer.
 *
 * @param words What they all are, e.g. `Slack small talk`.
 */
export function sharedMemory(words: string): NonNullable<Episode["candidates"]> {
  return [{ kind: "episode_summary", text: words }];
}
