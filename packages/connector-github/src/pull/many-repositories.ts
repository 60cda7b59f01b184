import { isConnectorsError, type Page } from "@statewave-connectors/connector-sdk";
import { type PartPage, type PartsInTurn } from "@statewave-connectors/connector-sdk/paging";
import type { Repository } from "../repository.ts";
import { type Cursor, formatCursor, type ManyCursor } from "./cursor.ts";
import type { RepositoryList } from "./repository-list.ts";
import { type ReadContext, readRepository } from "./repository-walk.ts";

/** A repository as a part of an entry. */
interface RepositoryPart {
  /** The repository's own. */
  readonly id: string;
  readonly name: string;
  readonly repository: Repository;
}

/** The pages of an entry that reads several repositories, in turns. */
export async function* readMany(
  context: ReadContext,
  list: RepositoryList,
  turns: PartsInTurn,
  stored: ManyCursor,
): AsyncGenerator<Page, void, undefined> {
  const { signal } = context;
  const { since } = stored;
  const { repositories, missing } = await list.read(stored, signal);
  const states = statesOf(stored, repositories);
  const parts = repositories.map((repository): RepositoryPart => ({
    id: String(repository.id),
    name: repository.fullName,
    repository,
  }));
  let switchedOff = 0;
  const run = turns.read<Cursor, RepositoryPart>({
    parts,
    states,
    turn: stored.turn === undefined ? undefined : String(stored.turn),
    missing,
    readPart: (part, state) =>
      readPart(
        { ...context, firstSince: since ?? context.firstSince },
        list,
        state ?? { v: 1, repository: part.repository, lists: {} },
        () => (switchedOff += 1),
      ),
    signal,
  });
  for await (const { states: reached, turn, isLast, ...page } of run) {
    const cursor = {
      v: 2 as const,
      ...(turn !== undefined && { turn: Number(turn) }),
      ...(since !== undefined && { since }),
      parts: reached,
    };
    const skipped = { ...page.skipped, ...(isLast && switchedOff > 0 && { repositories_without_a_stream: switchedOff }) };
    const isEmpty = page.episodes.length === 0 && page.failures === undefined && Object.keys(skipped).length === 0;
    if (isLast && isEmpty) continue;
    yield { ...page, skipped, cursor: formatCursor(cursor) };
  }
}

async function* readPart(
  context: ReadContext,
  list: RepositoryList,
  from: Cursor,
  onSwitchedOff: () => void,
): AsyncGenerator<PartPage<Cursor>, void, undefined> {
  let { repository } = from;
  try {
    for await (const { cursor, ...page } of readRepository(context, from)) {
      ({ repository } = cursor);
      yield { ...page, state: cursor };
    }
  } catch (error) {
    if (!list.isOrganization || !isConnectorsError(error, "GITHUB_NOT_FOUND")) throw error;
    // What is not found in a repository that answers is something that it has switched off, as forks have their issues.
    await context.lookUps.lookUp(repository.fullName, context.signal);
    onSwitchedOff();
    if (context.switchedOff.has(repository.id)) return;
    context.switchedOff.add(repository.id);
    context.logger.warn("a repository of the organization has switched off what is to be read of it", {
      repository: repository.fullName,
      error,
    });
  }
}

/** What is no longer read is forgotten; what has a new name is read under it, and what took over a name has keys of its own. */
function statesOf({ parts }: ManyCursor, repositories: readonly Repository[]): Readonly<Record<string, Cursor>> {
  const stored = Object.values(parts);
  const byId = new Map(stored.map((part) => [part.repository.id, part]));
  const byName = new Map(stored.map((part) => [part.repository.fullName.toLowerCase(), part.repository]));
  const kept = repositories.flatMap((repository): readonly (readonly [string, Cursor])[] => {
    const part = byId.get(repository.id);
    const former = byName.get(repository.fullName.toLowerCase());
    const isSuccessor = part?.repository.isSuccessor ?? (former !== undefined && former.id !== repository.id);
    const known = { ...repository, ...(isSuccessor && { isSuccessor }) };
    if (part !== undefined) return [[String(repository.id), { ...part, repository: known }]];
    return isSuccessor ? [[String(repository.id), { v: 1, repository: known, lists: {} }]] : [];
  });
  return Object.fromEntries(kept);
}
