import type { Episode, Logger } from "@statewave-connectors/connector-sdk";
import { batchSize, type Changed, changedRows, enqueue, type ListedRow } from "./changes-queue.ts";
import { canAskChanges, walkChanges } from "./changes-walk.ts";
import type { GithubClient } from "./client.ts";
import type { StreamName } from "./config.ts";
import type { Cursor, ListState } from "./cursor.ts";
import type { GraphqlAccess } from "./graphql-question.ts";
import { type Instant, toIso } from "./instant.ts";
import { itemChangeEpisodes, reviewEpisodes } from "./item-changes.ts";
import type { KnownIssues } from "./known-issues.ts";
import { type KeysetWalk, type WalkedPage, walkKeyset } from "./keyset-walk.ts";
import { walkReleases } from "./releases-walk.ts";
import type { Repository } from "./repository.ts";
import { walkReviews } from "./reviews.ts";
import { commentRow, issueRow, type IssueRow, reviewCommentRow } from "./rows.ts";
import { commentEpisode, issueEpisodes, releaseEpisode, reviewCommentEpisode, trailingNumber } from "./to-episode.ts";

/** One page of a stream, not yet mapped: the repository's name may have changed with this very page. */
export interface StreamPage {
  readonly cursor: Cursor;
  readonly toEpisodes: (repository: Repository) => {
    readonly episodes: readonly Episode[];
    readonly skipped: Readonly<Record<string, number>>;
  };
}

/** Reads one stream from where the cursor says to its end. */
export type Stream = (cursor: Cursor) => AsyncGenerator<StreamPage, void, undefined>;

export interface StreamPlan {
  readonly client: GithubClient;
  readonly enabled: ReadonlySet<StreamName>;
  /** Where a stream begins that was never read; undefined: at the beginning. */
  readonly firstSince: Instant | undefined;
  readonly access: GraphqlAccess;
  readonly known: KnownIssues;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** The streams of what is enabled, in the order they are read. */
export function planStreams(plan: StreamPlan): readonly Stream[] {
  const { enabled, known } = plan;
  const streams: Stream[] = [];
  const ofIssues = (["issues", "pull_requests"] as const).filter((name) => enabled.has(name));
  if (ofIssues.length > 0) streams.push(issueStream(plan, ofIssues));
  if (enabled.has("comments")) {
    streams.push(
      listStream(plan, "comments", { path: "issues/comments", row: commentRow }, (repository, row) =>
        one(commentEpisode(repository, row, known.find(repository.id, trailingNumber(row.issue_url)))),
      ),
    );
  }
  if (enabled.has("review_comments")) {
    streams.push(
      listStream(plan, "review_comments", { path: "pulls/comments", row: reviewCommentRow }, (repository, row) =>
        one(reviewCommentEpisode(repository, row, known.find(repository.id, trailingNumber(row.pull_request_url)))),
      ),
    );
  }
  if (enabled.has("releases")) streams.push(releaseStream(plan));
  if (enabled.has("reviews")) streams.push(reviewStream(plan));
  streams.push((cursor) => changesStream(plan, cursor, 1));
  return streams;
}

function issueStream(plan: StreamPlan, wanted: readonly StreamName[]): Stream {
  const isWanted = (row: IssueRow) => wanted.includes(row.pull_request === undefined ? "issues" : "pull_requests");
  const options: ListOptions<IssueRow> = { path: "issues", query: { state: "all" }, row: issueRow, isWanted };
  return listStream(plan, wanted.join("+"), options, (repository, row) => {
    plan.known.remember(repository.id, row);
    return isWanted(row) ? issueEpisodes(repository, row) : [];
  });
}

interface ListOptions<Row> extends Pick<KeysetWalk<Row>, "path" | "query" | "row"> {
  /** Whether changes of a row are told. */
  readonly isWanted?: ((row: Row) => boolean) | undefined;
}

/** `map` answers undefined for a row of which no episode can be made. */
function listStream<Row extends ListedRow>(
  plan: StreamPlan,
  name: string,
  { isWanted = () => true, ...options }: ListOptions<Row>,
  map: (repository: Repository, row: Row) => readonly Episode[] | undefined,
): Stream {
  const { client, firstSince, access, signal } = plan;
  return async function* read(from) {
    let cursor = from;
    const walk = { ...options, client, path: `repos/${cursor.repository.fullName}/${options.path}` };
    let state: ListState = Object.hasOwn(cursor.lists, name) ? cursor.lists[name]! : { since: firstSince, seen: {} };
    for await (const page of walkKeyset(walk, state, signal)) {
      const begun: Instant = state.begun ?? toIso(page.dateMs);
      const asked = canAskChanges(client, cursor.repository, access) ? page.rows.filter((row) => isWanted(row)) : [];
      const changed = changedRows(asked, state, begun);
      state = { ...page.state, begun };
      cursor = withChanges({ ...cursor, lists: { ...cursor.lists, [name]: state } }, enqueue(cursor.changes ?? [], changed));
      yield { cursor, toEpisodes: mapper(page, map) };
      for await (const answered of changesStream(plan, cursor, batchSize)) {
        ({ cursor } = answered);
        yield answered;
      }
    }
  };
}

/** Asks what was done to the items that the lists showed, while so many are waiting. */
async function* changesStream(
  { client, access, known, signal, logger }: StreamPlan,
  cursor: Cursor,
  least: number,
): AsyncGenerator<StreamPage, void, undefined> {
  for await (const page of walkChanges(client, cursor.repository, cursor.changes ?? [], { least, access, signal, logger })) {
    yield {
      cursor: withChanges(cursor, page.state),
      toEpisodes: mapper(page, (repository, { entry, item }) => itemChangeEpisodes(repository, entry, item, known)),
    };
  }
}

function withChanges(cursor: Cursor, changes: readonly Changed[]): Cursor {
  return { ...cursor, changes: changes.length === 0 ? undefined : changes };
}

function releaseStream({ client, firstSince, signal }: StreamPlan): Stream {
  return async function* read(cursor) {
    const from = cursor.releases ?? { floor: firstSince, known: [] };
    for await (const page of walkReleases(client, `repos/${cursor.repository.fullName}`, from, signal)) {
      yield {
        cursor: { ...cursor, releases: page.state },
        toEpisodes: mapper(page, (repository, row) => one(releaseEpisode(repository, row))),
      };
    }
  };
}

function reviewStream({ client, firstSince, access, signal, logger }: StreamPlan): Stream {
  return async function* read(cursor) {
    const from = cursor.reviews ?? { since: firstSince, seen: {} };
    for await (const page of walkReviews(client, cursor.repository, from, { access, signal, logger })) {
      yield {
        cursor: { ...cursor, reviews: page.state },
        toEpisodes: mapper(page, reviewEpisodes),
      };
    }
  };
}

function mapper<Row>(
  page: Pick<WalkedPage<Row, unknown>, "rows" | "skipped">,
  map: (repository: Repository, row: Row) => readonly Episode[] | undefined,
): StreamPage["toEpisodes"] {
  return (repository) => {
    const episodes: Episode[] = [];
    let malformed = page.skipped["malformed"] ?? 0;
    for (const row of page.rows) {
      const mapped = map(repository, row);
      if (mapped === undefined) malformed += 1;
      else episodes.push(...mapped);
    }
    return { episodes, skipped: malformed === 0 ? page.skipped : { ...page.skipped, malformed } };
  };
}

function one(episode: Episode | undefined): readonly Episode[] | undefined {
  return episode === undefined ? undefined : [episode];
}
