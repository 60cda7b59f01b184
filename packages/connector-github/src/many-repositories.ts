import { isConnectorsError, type Page } from "@statewave-connectors/connector-sdk";
import { type Cursor, formatCursor, type ManyCursor, parseManyCursor } from "./cursor.ts";
import type { Repository } from "./repository.ts";
import { isOfOneRepository, type RepositoryList } from "./repository-list.ts";
import { type Reading, readRepository } from "./repository-walk.ts";

/** So many pages of one repository, then it is the next one's turn: a large one that is read for the first time keeps nobody waiting for days. */
const pagesPerTurn = 30;
/** GitHub failing for so many repositories in a row does not fail because of them. */
const maxFailuresInARow = 3;

/**
 * The pages of an entry that reads several repositories. They take turns; a tick that is cut off is gone on with where it stopped, and a
 * repository that cannot be read does not keep the others from being read: its error is thrown at the end.
 */
export async function* readMany(
  reading: Reading,
  list: RepositoryList,
  stored: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<Page, void, undefined> {
  let cursor: ManyCursor = stored === undefined ? { v: 2, parts: {} } : parseManyCursor(stored, reading.sourceKey);
  const { repositories, failures } = await list.read(cursor, signal);
  let firstError: unknown = failures[0]?.error;
  for (const { name, error } of failures) reading.logger.warn("a repository cannot be looked up", { name, error });
  cursor = { ...cursor, parts: partsOf(cursor, repositories) };

  let failuresInARow = 0;
  let waiting = startingAt(repositories, cursor.turn);
  while (waiting.length > 0) {
    const unfinished: Repository[] = [];
    for (const repository of waiting) {
      const part = cursor.parts[repository.id] ?? { v: 1, repository, lists: {} };
      const limit = waiting.length === 1 ? Infinity : pagesPerTurn;
      let pages = 0;
      try {
        for await (const page of readRepository(reading, part, signal)) {
          cursor = { v: 2, turn: repository.id, parts: { ...cursor.parts, [repository.id]: page.cursor } };
          const { episodes, skipped } = page;
          yield { episodes, cursor: formatCursor(cursor), ...(Object.keys(skipped).length === 0 ? {} : { skipped }) };
          pages += 1;
          if (pages >= limit) break;
        }
        failuresInARow = 0;
        if (pages >= limit) unfinished.push(repository);
      } catch (error) {
        failuresInARow += isConnectorsError(error) && error.retryable ? 1 : 0;
        if (!isOfOneRepository(error) || failuresInARow >= maxFailuresInARow) throw error;
        reading.logger.warn("a repository cannot be read whole", { repository: repository.fullName, error });
        // An organization shows the repository, so what is not found is something that it has switched off, as forks have their issues.
        if (!list.isOrganization || error.code !== "GITHUB_NOT_FOUND") firstError ??= error;
      }
    }
    waiting = unfinished;
  }
  if (firstError !== undefined) throw firstError;
}

/** What is no longer read is forgotten; what has a new name is read under it. */
function partsOf({ parts }: ManyCursor, repositories: readonly Repository[]): Readonly<Record<string, Cursor>> {
  const kept = repositories.flatMap((repository) => {
    const part = parts[repository.id];
    return part === undefined ? [] : [[repository.id, { ...part, repository }] as const];
  });
  return Object.fromEntries(kept);
}

/** The same order, beginning with the one whose turn it was. */
function startingAt(repositories: readonly Repository[], turn: number | undefined): readonly Repository[] {
  const at = Math.max(
    0,
    repositories.findIndex(({ id }) => id === turn),
  );
  return [...repositories.slice(at), ...repositories.slice(0, at)];
}
