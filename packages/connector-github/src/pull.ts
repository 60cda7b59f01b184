import type { ConnectorContext, Page, PullSource } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { firstSyncSinceMs } from "@statewave-connectors/connector-sdk/options";
import { check } from "./check.ts";
import { GithubClient } from "./client.ts";
import { enabledStreams, type GithubPullConfig } from "./config.ts";
import { appCredentials, type Credentials, tokenCredentials } from "./credentials.ts";
import { type Cursor, formatCursor, parseCursor } from "./cursor.ts";
import { GraphqlAccess } from "./graphql-question.ts";
import { toIso } from "./instant.ts";
import { KnownIssues } from "./known-issues.ts";
import { readMany } from "./many-repositories.ts";
import { assertSameRepository, lookUpRepository } from "./repository.ts";
import { RepositoryList } from "./repository-list.ts";
import { type Reading, readRepository } from "./repository-walk.ts";

/** Opens a `[[pull.github]]` entry. */
export function openPull(config: GithubPullConfig, context: ConnectorContext): PullSource {
  const client = new GithubClient({ baseUrl: config.base_url, credentials: toCredentials(config, context), context });
  const { logger, clock } = context;
  const entry = {
    client,
    sourceKey: formatSourceKey(context.source),
    enabled: enabledStreams(config),
    access: new GraphqlAccess(),
    known: new KnownIssues(),
    logger,
  };
  const list = new RepositoryList(client, config);
  return {
    pages(cursor, signal) {
      const sinceMs = firstSyncSinceMs(config.since_default, clock.now());
      const reading = { ...entry, firstSince: sinceMs === undefined ? undefined : toIso(sinceMs) };
      return config.repo === undefined ? readMany(reading, list, cursor, signal) : readOne(reading, config.repo, cursor, signal);
    },
    check: (signal) => check({ ...entry, config, list, clock }, signal),
  };
}

function toCredentials(config: GithubPullConfig, { clock }: ConnectorContext): Credentials {
  const { app_id: appId, private_key: privateKey, installation_id: installationId } = config;
  if (appId === undefined || privateKey === undefined || installationId === undefined) return tokenCredentials(config.token);
  return appCredentials({ appId, privateKey, installationId }, clock);
}

/** The pages of an entry that names one repository. */
async function* readOne(
  reading: Reading,
  repo: string,
  stored: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<Page, void, undefined> {
  const start = await startingCursor(reading, repo, stored, signal);
  for await (const { episodes, skipped, cursor } of readRepository(reading, start, signal)) {
    yield { episodes, cursor: formatCursor(cursor), ...(Object.keys(skipped).length === 0 ? {} : { skipped }) };
  }
}

async function startingCursor(
  { client, sourceKey }: Reading,
  repo: string,
  stored: string | undefined,
  signal: AbortSignal,
): Promise<Cursor> {
  const cursor = stored === undefined ? undefined : parseCursor(stored, sourceKey, repo);
  if (cursor !== undefined && cursor.repository.configured === repo) return cursor;
  const repository = await lookUpRepository(client, repo, signal);
  client.takeMoved();
  if (cursor === undefined) return { v: 1, repository, lists: {} };
  assertSameRepository(cursor.repository, repository, sourceKey);
  return { ...cursor, repository };
}
