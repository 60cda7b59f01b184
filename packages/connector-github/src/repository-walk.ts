import { type Episode, isConnectorsError, type Logger } from "@statewave-connectors/connector-sdk";
import type { GithubClient } from "./client.ts";
import type { StreamName } from "./config.ts";
import type { Cursor } from "./cursor.ts";
import type { GraphqlAccess } from "./graphql-question.ts";
import type { Instant } from "./instant.ts";
import type { KnownIssues } from "./known-issues.ts";
import { assertSameRepository, lookUpRepository } from "./repository.ts";
import { planStreams } from "./streams.ts";

/** What the reading of any of an entry's repositories needs. */
export interface Reading {
  readonly client: GithubClient;
  readonly sourceKey: string;
  readonly enabled: ReadonlySet<StreamName>;
  /** Where a stream begins that was never read; undefined: at the beginning. */
  readonly firstSince: Instant | undefined;
  readonly access: GraphqlAccess;
  readonly known: KnownIssues;
  readonly logger: Logger;
}

/** One page of a repository. */
export interface RepositoryPage {
  readonly episodes: readonly Episode[];
  readonly skipped: Readonly<Record<string, number>>;
  /** Where the reading of this repository stands behind it. */
  readonly cursor: Cursor;
}

/**
 * Every stream of one repository from where it stands to its end, one after the other: GitHub asks for serial requests. Each page's cursor
 * covers all streams. A stream that is forbidden does not keep the others from being read; its error is thrown at the end.
 */
export async function* readRepository(
  reading: Reading,
  from: Cursor,
  signal: AbortSignal,
): AsyncGenerator<RepositoryPage, void, undefined> {
  let cursor = from;
  let refused: unknown;
  for (const stream of planStreams({ ...reading, signal })) {
    try {
      for await (const page of stream(cursor)) {
        cursor = { ...page.cursor, repository: await currentRepository(reading, cursor, signal) };
        yield { ...page.toEpisodes(cursor.repository), cursor };
      }
    } catch (error) {
      if (!isConnectorsError(error, "GITHUB_FORBIDDEN") && !isConnectorsError(error, "GITHUB_NOT_FOUND")) throw error;
      refused ??= error;
    }
  }
  const repository = await currentRepository(reading, cursor, signal);
  if (repository !== cursor.repository) yield { episodes: [], skipped: {}, cursor: { ...cursor, repository } };
  if (refused !== undefined) throw refused;
}

/** The repository under the name it has now: GitHub redirects from the old name for good, at the price of a second request each time. */
async function currentRepository(
  { client, sourceKey, logger }: Reading,
  { repository }: Cursor,
  signal: AbortSignal,
): Promise<Cursor["repository"]> {
  if (!client.takeMoved()) return repository;
  const found = { ...(await lookUpRepository(client, repository.fullName, signal)), configured: repository.configured };
  client.takeMoved();
  assertSameRepository(repository, found, sourceKey);
  logger.info("the repository has a new name", { from: repository.fullName, to: found.fullName });
  return found;
}
