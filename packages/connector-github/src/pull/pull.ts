import { type ConnectorContext, type Page, type PullSource } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { firstSyncSinceMs } from "@statewave-connectors/connector-sdk/options";
import { pagesWithin, PartsInTurn, toInstant } from "@statewave-connectors/connector-sdk/paging";
import { check } from "../check.ts";
import { GithubClient } from "../client.ts";
import { asWanted } from "../episodes/routine.ts";
import { GraphqlAccess } from "../graphql.ts";
import { enabledStreams, type GithubPullConfig } from "../pull-options.ts";
import { assertSameRepository } from "../repository.ts";
import { type Cursor, formatCursor, parseCursor } from "./cursor.ts";
import { KnownIssues } from "./known-issues.ts";
import { readMany } from "./many-repositories.ts";
import { RepositoryList } from "./repository-list.ts";
import { RepositoryLookUps } from "./repository-look-ups.ts";
import { type ReadContext, readRepository } from "./repository-walk.ts";
import { mapFailedRow } from "./row-episodes.ts";
import { streams } from "./stream-cursors.ts";

/** Opens a `[[pull.github]]` entry. */
export function openPull(config: GithubPullConfig, context: ConnectorContext): PullSource {
  const client = new GithubClient(config, context);
  const { clock, random, logger } = context;
  const lookUps = new RepositoryLookUps(client);
  const list = new RepositoryList(client, lookUps, config);
  const enabled = enabledStreams(config);
  const entry = {
    client,
    clock,
    logger,
    sourceKey: formatSourceKey(context.source),
    enabled,
    wanted: config,
    lookUps,
    access: new GraphqlAccess(),
    known: new KnownIssues(),
    switchedOff: new Set<number>(),
  };
  const turnsOf = () => new PartsInTurn({ clock, random, logger, codePrefix: "GITHUB", parts: "repositories" });
  const turns = turnsOf();
  const pagesOf = (readContext: ReadContext, stored: string | undefined, parts: PartsInTurn) =>
    config.repo === undefined
      ? readMany(readContext, list, parts, parseCursor(stored, context).many)
      : readOne(readContext, config.repo, parseCursor(stored, context).one(config.repo));
  return {
    pages(stored, signal) {
      const sinceMs = firstSyncSinceMs(config.since_default, clock.now());
      const firstSince = sinceMs === undefined ? undefined : toInstant(sinceMs);
      return pagesOf({ ...entry, firstSince, signal }, stored, turns);
    },
    range(range, stored, signal) {
      const readContext = {
        ...entry,
        enabled: streams.of(config, range.stream),
        looksUpParents: true,
        firstSince: toInstant(Date.parse(range.since)),
        signal,
      };
      return pagesWithin(pagesOf(readContext, stored, turnsOf()), range);
    },
    map: (raw) => asWanted({ episodes: mapFailedRow(raw), skipped: {} }, config).episodes,
    check: (signal) => check({ ...entry, config, list }, signal),
  };
}

/** The pages of an entry that names one repository. */
async function* readOne(
  context: ReadContext,
  repo: string,
  stored: Cursor | { readonly since: string } | undefined,
): AsyncGenerator<Page, void, undefined> {
  const start = await startingCursor(context, repo, stored);
  for await (const { cursor, skipped, failures, episodes } of readRepository(context, start)) {
    yield {
      episodes,
      cursor: formatCursor(cursor),
      ...(failures.length > 0 && { failures }),
      ...(Object.keys(skipped).length > 0 && { skipped }),
    };
  }
}

async function startingCursor(
  { client, lookUps, sourceKey, signal }: ReadContext,
  repo: string,
  stored: Cursor | { readonly since: string } | undefined,
): Promise<Cursor> {
  const cursor = stored !== undefined && "repository" in stored ? stored : undefined;
  if (cursor !== undefined && cursor.repository.configured === repo) return cursor;
  const repository = await lookUps.lookUp(repo, signal);
  client.forgetMoved();
  if (cursor === undefined) return { v: 1, repository, ...(stored !== undefined && { since: stored.since }), lists: {} };
  assertSameRepository(cursor.repository, repository, sourceKey);
  return { ...cursor, repository };
}
