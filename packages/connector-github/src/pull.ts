import {
  type ConnectorContext,
  formatSourceKey,
  isConnectorsError,
  type Page,
  type PullSource,
} from "@statewave-connectors/connector-sdk";
import { check } from "./check.ts";
import { GithubClient } from "./client.ts";
import { enabledStreams, firstSyncSinceMs, type GithubPullConfig } from "./config.ts";
import { type Cursor, formatCursor, parseCursor } from "./cursor.ts";
import { toIso } from "./instant.ts";
import { assertSameRepository, lookUpRepository } from "./repository.ts";
import { GraphqlAccess } from "./reviews.ts";
import { planStreams } from "./streams.ts";

/** Opens a `[[pull.github]]` entry. */
export function openPull(config: GithubPullConfig, context: ConnectorContext): PullSource {
  const client = new GithubClient({ baseUrl: config.base_url, token: config.token, context });
  const access = new GraphqlAccess();
  const enabled = enabledStreams(config);
  return {
    pages: (cursor, signal) => pages({ client, config, context, access, enabled }, cursor, signal),
    check: (signal) => check(client, config.repo, enabled, signal),
  };
}

interface Opened {
  readonly client: GithubClient;
  readonly config: GithubPullConfig;
  readonly context: ConnectorContext;
  readonly access: GraphqlAccess;
  readonly enabled: ReturnType<typeof enabledStreams>;
}

/**
 * Every stream from where it stands to its end, one after the other: GitHub asks for serial requests. Each page's cursor covers all streams.
 * A stream that is forbidden does not keep the others from being read; its error is thrown at the end.
 */
async function* pages(opened: Opened, stored: string | undefined, signal: AbortSignal): AsyncGenerator<Page, void, undefined> {
  const { client, config, context, access, enabled } = opened;
  let cursor = await startingCursor(opened, stored, signal);
  const sinceMs = firstSyncSinceMs(config.since_default, context.clock.now());
  const streams = planStreams({
    client,
    enabled,
    firstSince: sinceMs === undefined ? undefined : toIso(sinceMs),
    access,
    signal,
    logger: context.logger,
  });
  let refused: unknown;
  for (const stream of streams) {
    try {
      for await (const page of stream(cursor)) {
        cursor = { ...page.cursor, repository: await currentRepository(opened, cursor, signal) };
        const { episodes, skipped } = page.toEpisodes(cursor.repository);
        yield { episodes, cursor: formatCursor(cursor), ...(Object.keys(skipped).length === 0 ? {} : { skipped }) };
      }
    } catch (error) {
      if (!isConnectorsError(error, "GITHUB_FORBIDDEN") && !isConnectorsError(error, "GITHUB_NOT_FOUND")) throw error;
      refused ??= error;
    }
  }
  const repository = await currentRepository(opened, cursor, signal);
  if (repository !== cursor.repository) yield { episodes: [], cursor: formatCursor({ ...cursor, repository }) };
  if (refused !== undefined) throw refused;
}

async function startingCursor(
  { client, config, context }: Opened,
  stored: string | undefined,
  signal: AbortSignal,
): Promise<Cursor> {
  const sourceKey = formatSourceKey(context.source);
  const cursor = stored === undefined ? undefined : parseCursor(stored, sourceKey);
  if (cursor !== undefined && cursor.repository.configured === config.repo) return cursor;
  const repository = await lookUpRepository(client, config.repo, signal);
  client.takeMoved();
  if (cursor === undefined) return { v: 1, repository, lists: {} };
  assertSameRepository(cursor.repository, repository, sourceKey);
  return { ...cursor, repository };
}

/** The repository under the name it has now: GitHub redirects from the old name for good, at the price of a second request each time. */
async function currentRepository(
  { client, context }: Opened,
  { repository }: Cursor,
  signal: AbortSignal,
): Promise<Cursor["repository"]> {
  if (!client.takeMoved()) return repository;
  const found = { ...(await lookUpRepository(client, repository.fullName, signal)), configured: repository.configured };
  client.takeMoved();
  assertSameRepository(repository, found, formatSourceKey(context.source));
  context.logger.info("the repository has a new name", { from: repository.fullName, to: found.fullName });
  return found;
}
