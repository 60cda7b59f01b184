import { type Episode, type FailedItem, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { asWanted, type RoutineOptions } from "../episodes/routine.ts";
import { partVerdict } from "@statewave-connectors/connector-sdk/paging";
import type { GraphqlAccess } from "../graphql.ts";
import type { StreamName } from "../pull-options.ts";
import { assertSameRepository, type Repository } from "../repository.ts";
import type { Cursor } from "./cursor.ts";
import type { KnownIssues } from "./known-issues.ts";
import type { WalkContext } from "./list-walk.ts";
import type { RepositoryLookUps } from "./repository-look-ups.ts";
import { planStreams } from "./streams.ts";

/** What reading any repository of an entry needs. */
export interface ReadContext extends WalkContext {
  readonly sourceKey: string;
  readonly enabled: ReadonlySet<StreamName>;
  readonly access: GraphqlAccess;
  readonly known: KnownIssues;
  readonly lookUps: RepositoryLookUps;
  /** Repositories, by id, that were reported for a stream that is switched off. */
  readonly switchedOff: Set<number>;
  readonly wanted: RoutineOptions;
  /** See `StreamPlan`. */
  readonly looksUpParents?: boolean;
}

/** One page of a repository. */
export interface RepositoryPage {
  readonly episodes: readonly Episode[];
  readonly failures: readonly FailedItem[];
  readonly skipped: Readonly<Record<string, number>>;
  /** Where the reading of this repository stands behind it. */
  readonly cursor: Cursor;
}

/**
 * Every stream of one repository from its stored position to its end, one after the other: GitHub requires serial requests. Each page's cursor
 * covers all streams. A stream that fails keeps no other stream from being read; its error is thrown at the end.
 */
export async function* readRepository(context: ReadContext, from: Cursor): AsyncGenerator<RepositoryPage, void, undefined> {
  let cursor = from;
  const failures = new StreamFailures(context);
  const identity = new Identity(context, from.repository);
  const firstSince = from.since ?? context.firstSince;
  for (const stream of planStreams({ ...context, firstSince })) {
    try {
      for await (const page of stream(cursor)) {
        const repository = await identity.behind(page.cursor, page.isOdd === true);
        if (repository.id !== cursor.repository.id) {
          yield* readRepository(context, { v: 1, repository, since: from.since, lists: {} });
          return;
        }
        cursor = { ...page.cursor, repository };
        yield { ...asWanted(page.toPage(repository), context.wanted), cursor };
      }
    } catch (error) {
      await failures.add(error, cursor.repository);
    }
  }
  const repository = await identity.current(cursor.repository);
  if (repository !== cursor.repository) yield { episodes: [], failures: [], skipped: {}, cursor: { ...cursor, repository } };
  failures.throwFirst();
}

/** Errors of the whole repository, whichever stream was requested. */
const repositoryCodes = new Set(["GITHUB_BLOCKED", "GITHUB_CURSOR_INVALID"]);

/** Streams of a repository that could not be read. */
class StreamFailures {
  readonly #context: ReadContext;
  #refused: unknown;
  #passing: unknown;

  constructor(context: ReadContext) {
    this.#context = context;
  }

  /** Throws the error if the other streams would fail with it: GitHub or the repository is at fault if it does not answer for itself. */
  async add(error: unknown, { fullName }: Repository): Promise<void> {
    const { lookUps, signal } = this.#context;
    const verdict = partVerdict(error);
    const ofRepository = isConnectorsError(error) && repositoryCodes.has(error.code);
    if (signal.aborted || verdict === "source" || ofRepository) throw error;
    if (verdict !== "passing") {
      this.#refused ??= error;
      return;
    }
    try {
      await lookUps.lookUp(fullName, signal);
    } catch (failure) {
      throw signal.aborted || partVerdict(failure) === "source" ? failure : error;
    }
    this.#passing ??= error;
  }

  /** A failure that may pass comes first: the next run may succeed. */
  throwFirst(): void {
    const error = this.#passing ?? this.#refused;
    if (error !== undefined) throw error;
  }
}

/** Which repository a name refers to while it is read. */
class Identity {
  readonly #context: ReadContext;
  readonly #known: Repository;

  constructor(context: ReadContext, known: Repository) {
    this.#context = context;
    this.#known = known;
  }

  /** The repository of a page: an odd one is a reason to look up whether it is still the same. */
  async behind({ repository }: Cursor, isOdd: boolean): Promise<Repository> {
    if (!isOdd) return await this.current(repository);
    const { client, lookUps, logger, signal } = this.#context;
    client.forgetMoved();
    const found = await lookUps.lookUp(repository.fullName, signal);
    client.forgetMoved();
    const { configured } = repository;
    if (found.id === repository.id) return this.#named(repository, { ...found, configured });
    logger.warn("another repository has the name now; it is read from its beginning, with keys of its own", {
      repository: found.fullName,
      id: found.id,
      formerId: repository.id,
    });
    return { ...found, configured, isSuccessor: true };
  }

  /** The repository under the name it has now: GitHub redirects from the old name for good, at the price of a second request each time. */
  async current(repository: Repository): Promise<Repository> {
    const { client, lookUps, sourceKey, signal } = this.#context;
    if (!client.takeMoved()) return repository;
    const found = { ...(await lookUps.lookUp(repository.fullName, signal)), configured: repository.configured };
    client.forgetMoved();
    assertSameRepository(this.#known, found, sourceKey);
    return this.#named(repository, found);
  }

  #named(repository: Repository, found: Repository): Repository {
    if (found.fullName === repository.fullName && found.host === repository.host) return repository;
    const { logger } = this.#context;
    logger.info("the repository has a new name", { from: repository.fullName, to: found.fullName });
    return { ...found, ...(repository.isSuccessor === true && { isSuccessor: true }) };
  }
}
