import type { Clock, PullSource } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { compilePatterns } from "../src/folder/patterns.ts";
import { pullPages } from "../src/pull.ts";
import { RunMemory } from "../src/run-memory.ts";
import { toEpisodes } from "../src/to-episode.ts";

interface FailingOptions {
  readonly clock: Clock;
  readonly name?: string;
  readonly isSplit?: boolean;
  readonly isBroken: (path: string) => boolean;
}

/** A source whose mapping fails for the documents that `isBroken` names. */
export function failingSource(
  folder: string,
  { clock, name = "handbook", isSplit = false, isBroken }: FailingOptions,
): Pick<PullSource, "pages"> {
  const input = {
    source: { kind: "markdown", name },
    path: folder,
    patterns: compilePatterns({ include: ["**/*.md"], exclude: [] }),
    readsConflicts: false,
    clock,
    logger: silentLogger,
    memory: new RunMemory({ logger: silentLogger, reportHealth: () => undefined }),
    isSplit,
    episodes: { hasCandidates: false },
    map: (...[version, options]: Parameters<typeof toEpisodes>) => {
      if (isBroken(version.path)) throw new TypeError("cannot read a table of this kind");
      return toEpisodes(version, options);
    },
  };
  return { pages: (cursor, signal) => pullPages(input, cursor, signal) };
}
