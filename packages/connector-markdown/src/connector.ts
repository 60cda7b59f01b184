import { resolve } from "node:path";
import { type ConnectorContext, defineConnector, type PullSource } from "@statewave-connectors/connector-sdk";
import { checkFolder } from "./check.ts";
import { fetchFailedDocument, mapFailedDocument } from "./failed-document.ts";
import { compilePatterns } from "./folder/patterns.ts";
import { pullPages } from "./pull.ts";
import type { PullInput } from "./pull-input.ts";
import { MarkdownPull, type MarkdownPullOptions } from "./pull-options.ts";
import { RunMemory } from "./run-memory.ts";
import { version } from "./version.ts";

/** Markdown: the documents of a folder, as they change. */
export const connector = defineConnector<MarkdownPullOptions>({
  kind: "markdown",
  version,
  pull: { config: MarkdownPull, open },
});

function open(options: MarkdownPullOptions, context: ConnectorContext): PullSource {
  const { source, baseDir, clock, logger } = context;
  const input: PullInput = {
    source,
    path: resolve(baseDir, options.path),
    patterns: compilePatterns(options),
    readsConflicts: options.sync_conflicts ?? false,
    clock,
    logger,
    memory: new RunMemory(context),
    isSplit: options.split === "sections",
    episodes: { baseUrl: options.base_url, hasCandidates: options.candidates ?? false },
  };
  return {
    pages: (cursor, signal) => pullPages(input, cursor, signal),
    check: (signal) => checkFolder(input, signal),
    map: (raw) => mapFailedDocument(raw, input.episodes),
    fetchItem: (id) => fetchFailedDocument(id, input),
  };
}
