import {
  type CheckResult,
  type ConnectorContext,
  describeError,
  isConnectorsError,
  type Page,
  type PullSource,
} from "@statewave-connectors/connector-sdk";
import { getChanges } from "./client.ts";
import type { ExamplePullOptions } from "./config.ts";
import { formatCursor, parseCursor } from "./cursor.ts";
import { badAnswer } from "./errors.ts";
import { toEpisode } from "./to-episode.ts";

/** The most that Example gives at once. */
const pageSize = 100;

/** Opens a `[[pull.example]]` entry. */
export function openPull(options: ExamplePullOptions, context: ConnectorContext): PullSource {
  return {
    pages: (cursor, signal) => pages(options, context, parseCursor(cursor), signal),
    check: async (signal) => [await checkAccess(options, context, signal)],
  };
}

async function* pages(
  options: ExamplePullOptions,
  context: ConnectorContext,
  start: number,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  let after = start;
  for (let more = true; more;) {
    signal.throwIfAborted();
    const page = await getChanges(options, { after, limit: pageSize }, context, signal);
    const last = page.changes.at(-1)?.seq ?? after;
    // Without progress it would be asked for ever.
    if (page.more && last <= after) throw badAnswer(`Example promises more changes than up to ${after}, but gives none`);
    ({ more } = page);
    after = last;
    if (page.changes.length > 0) yield { episodes: page.changes.map(toEpisode), cursor: formatCursor(after) };
  }
}

async function checkAccess(options: ExamplePullOptions, context: ConnectorContext, signal: AbortSignal): Promise<CheckResult> {
  try {
    await getChanges(options, { after: 0, limit: 1 }, context, signal);
    return { ok: true, message: `${options.base_url} lists its changes to this token.` };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, message: describeError(error), ...(isConnectorsError(error) ? { error } : {}) };
  }
}
