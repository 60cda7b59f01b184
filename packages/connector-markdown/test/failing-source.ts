import type { Clock, PullSource } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { compilePatterns } from "../src/folder/patterns.ts";
import { pullPages } from "../src/pull.ts";
import { RunMemory } from "../src/run-memory.ts";
import { toChangedEpisode } from "../src/to-episode.ts";

/** A source whose mapping fails for the documents that `isBroken` names. */
export function failingSource(
  folder: string,
  { clock, name = "handbook", isBroken }: { clock: Clock; name?: string; isBroken: (path: string) => boolean },
): Pick<PullSource, "pages"> {
  const input = {
    source: { kind: "markdown", name },
    path: folder,
    patterns: compilePatterns({ include: ["**/*.md"], exclude: [] }),
    readsConflicts: false,
    clock,
    logger: silentLogger,
    memory: new RunMemory({ logger: silentLogger, reportHealth: () => undefined }),
    map: (version: Parameters<typeof toChangedEpisode>[0]) => {
      if (isBroken(version.path)) throw new TypeError("cannot read a table of this kind");
      return toChangedEpisode(version);
    },
  };
  return { pages: (cursor, signal) => pullPages(input, cursor, signal) };
}
