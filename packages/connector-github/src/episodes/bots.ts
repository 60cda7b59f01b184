import type { Episode } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";

/** `include_bots` of both entries. */
export const includeBots = v.optional(
  v.pipe(
    v.boolean("include_bots is true or false"),
    v.description(
      "Whether what bots write is taken: their issues, pull requests, comments, reviews and pushes. Their releases always are, and so is what they do to what people write, such as a merge.",
    ),
  ),
  true,
);

export interface BotOptions {
  readonly include_bots: boolean;
}

/** Episodes, and what was left out by reason. */
export interface Mapped {
  readonly episodes: readonly Episode[];
  readonly skipped: Readonly<Record<string, number>>;
}

/** Leaves out what bots wrote, where it is not wanted. The words decide, not the deed: what a bot closes is news of who opened it. */
export function withoutBots<Page extends Mapped>(page: Page, isWanted: boolean): Page {
  if (isWanted) return page;
  const episodes = page.episodes.filter((episode) => !isOfBot(episode));
  const count = page.episodes.length - episodes.length;
  return count === 0 ? page : { ...page, episodes, skipped: { ...page.skipped, from_a_bot: count } };
}

/** Most projects release by a program; the notes matter whether a person or a bot publishes them. */
export function isOfBot({ kind, metadata }: Episode): boolean {
  return metadata?.["bot"] === true && kind !== "github.release.published";
}
