import type { Episode } from "@statewave-connectors/connector-sdk";
import { isChatter, memories, sharedMemory, withMemories } from "@statewave-connectors/connector-sdk/memory";
import { type BotOptions, isOfBot, type Mapped, withoutBots } from "./bots.ts";

/** The one memory of all that is routine in a repository. */
export const routineMemory: NonNullable<Episode["candidates"]> = sharedMemory("GitHub routine: bots, approvals, thanks");

/** The candidates of a comment or an approving review: none of its own where it says nothing. */
export function memoryOfWords(body: string, title = ""): Episode["candidates"] {
  return isChatter(body, title) ? routineMemory : undefined;
}

/** `memories` of both entries. */
export const memoriesOption = memories({
  shared:
    "what bots write, approvals without words, short comments such as `+1`, and deletions of comments share one memory, and the end of an issue or pull request renews the memory of its opening",
});

/** What of an entry's episodes is delivered, and remembered. */
export interface RoutineOptions extends BotOptions {
  readonly memories: "lean" | "each";
}

/** The page as the options want it. */
export function asWanted<Page extends Mapped>(page: Page, options: RoutineOptions): Page {
  const kept = withoutBots(page, options.include_bots);
  const episodes = kept.episodes.map((episode) => (isOfBot(episode) ? { ...episode, candidates: routineMemory } : episode));
  return { ...kept, episodes: withMemories(episodes, options.memories) };
}
