import type { Episode } from "../contract/episode.ts";
import type { FailedItem, Page } from "../contract/page.ts";

/** A page without the cursor behind it. */
export type PageContents = Omit<Page, "cursor">;

/** Several pages as one, for items that are requested one by one: counts of one reason are added, and what is empty is left out. */
export function joinPages(pages: Iterable<PageContents>): PageContents {
  const episodes: Episode[] = [];
  const failures: FailedItem[] = [];
  const skipped = new Map<string, number>();
  for (const page of pages) {
    for (const episode of page.episodes) episodes.push(episode);
    for (const failure of page.failures ?? []) failures.push(failure);
    for (const [reason, count] of Object.entries(page.skipped ?? {})) skipped.set(reason, (skipped.get(reason) ?? 0) + count);
  }
  const counts = Object.fromEntries([...skipped].filter(([, count]) => count > 0));
  return {
    episodes,
    ...(failures.length > 0 && { failures }),
    ...(Object.keys(counts).length > 0 && { skipped: counts }),
  };
}
