import type { PullRange } from "../contract/connector.ts";
import type { Page } from "../contract/page.ts";
import { fromInstant } from "./instant.ts";

/** The pages of a walk with the episodes that lie in a range, for `range` of a pull; the rest is passed over. */
export async function* pagesWithin(
  pages: AsyncIterable<Page>,
  { since, until }: Pick<PullRange, "since" | "until">,
): AsyncGenerator<Page, void, undefined> {
  const [fromMs, untilMs] = [fromInstant(since), fromInstant(until)];
  for await (const page of pages) {
    const episodes = page.episodes.filter(({ occurred_at: at }) => fromInstant(at) >= fromMs && fromInstant(at) < untilMs);
    yield { ...page, episodes };
  }
}
