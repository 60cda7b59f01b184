import { resolve } from "node:path";
import {
  type CheckResult,
  type ConnectorContext,
  defineConnector,
  describeError,
  isConnectorsError,
  type PullSource,
} from "@statewave-connectors/connector-sdk";
import { MarkdownPull, type MarkdownPullOptions } from "./config.ts";
import { openFolder } from "./folder.ts";
import { compilePatterns } from "./patterns.ts";
import { type PullInput, pullPages } from "./pull.ts";
import { version } from "./version.ts";
import { walkFolder } from "./walk.ts";

/** Markdown: the documents of a folder, as they change. */
export const connector = defineConnector<MarkdownPullOptions>({
  kind: "markdown",
  version,
  pull: { config: MarkdownPull, open },
});

function open(options: MarkdownPullOptions, { source, baseDir, clock, logger }: ConnectorContext): PullSource {
  const path = resolve(baseDir, options.path);
  const input: PullInput = { sourceName: source.name, path, patterns: compilePatterns(options), clock, logger };
  return {
    pages: (cursor, signal) => pullPages(input, cursor, signal),
    check: async (signal) => [await checkFolder(input, signal)],
  };
}

async function checkFolder({ path, patterns }: PullInput, signal: AbortSignal): Promise<CheckResult> {
  try {
    let documents = 0;
    for await (const found of walkFolder(await openFolder(path), patterns, signal)) documents += "skipped" in found ? 0 : 1;
    return documents > 0
      ? { ok: true, message: `${documents} documents match in ${path}.` }
      : { ok: false, message: `No file in ${path} matches; check \`include\` and \`exclude\`.` };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, message: describeError(error), ...(isConnectorsError(error) ? { error } : {}) };
  }
}
