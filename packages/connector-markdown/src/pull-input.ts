import type { Clock, Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import type { EpisodeOptions } from "./episodes/episode-options.ts";
import type { Patterns } from "./folder/patterns.ts";
import type { RunMemory } from "./run-memory.ts";
import type { toEpisodes } from "./to-episode.ts";

/** What an entry is read with. */
export interface PullInput {
  readonly source: SourceKey;
  /** Absolute. */
  readonly path: string;
  readonly patterns: Patterns;
  /** Whether copies made because of a conflict are documents. */
  readonly readsConflicts: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly memory: RunMemory;
  /** Whether a document comes as one episode a section. */
  readonly isSplit: boolean;
  readonly episodes: EpisodeOptions;
  /** Default {@link toEpisodes}. */
  readonly map?: typeof toEpisodes;
}
