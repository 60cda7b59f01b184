import { type Episode, type FailedItem, mapItems, type Page } from "@statewave-connectors/connector-sdk";
import { type Instant, toInstant } from "@statewave-connectors/connector-sdk/paging";
import { type CommentParent, trailingNumber } from "../episodes/to-episode.ts";
import * as v from "valibot";
import type { GraphqlAccess } from "../graphql.ts";
import type { StreamName } from "../pull-options.ts";
import type { Repository } from "../repository.ts";
import { type CommentRow, issueRow, type ReviewCommentRow } from "../rows.ts";
import { batchSize, type Changed, changedRows, enqueue, type ListedRow } from "./changes-queue.ts";
import { canQueryChanges, walkChanges } from "./changes-walk.ts";
import type { Cursor, ListState } from "./cursor.ts";
import { itemChangeEpisodes } from "./item-changes.ts";
import type { KnownIssues } from "./known-issues.ts";
import { type UpdatedList, type WalkedPage, walkUpdated, type WalkContext } from "./list-walk.ts";
import { walkReleases } from "./releases-walk.ts";
import { newestOf, oddNumbers } from "./odd-numbers.ts";
import { walkReviews } from "./reviews.ts";
import { type RowKind, type RowKindName, rowKinds } from "./row-episodes.ts";

/** What a page of a stream becomes. */
export type MappedPage = Required<Pick<Page, "episodes" | "failures" | "skipped">>;

/** One page of a stream, not yet mapped: the repository's name may have changed with this very page. */
export interface StreamPage {
  readonly cursor: Cursor;
  /** What it holds cannot be of the repository that was read before: another one may have its name. */
  readonly isOdd?: boolean;
  readonly toPage: (repository: Repository) => MappedPage;
}

/** Reads one stream from where the cursor says to its end. */
export type Stream = (cursor: Cursor) => AsyncGenerator<StreamPage, void, undefined>;

export interface StreamPlan extends WalkContext {
  readonly enabled: ReadonlySet<StreamName>;
  readonly access: GraphqlAccess;
  readonly known: KnownIssues;
  /** Whether what a comment is about is requested where it is not known. */
  readonly looksUpParents?: boolean;
}

/** The streams of what is enabled, in the order they are read. */
export function planStreams(plan: StreamPlan): readonly Stream[] {
  const { enabled } = plan;
  const streams: Stream[] = [];
  const ofIssues = issueStreams(enabled);
  if (ofIssues.length > 0) streams.push(issueStream(plan, ofIssues));
  if (ofIssues.length > 1) streams.push(...ofIssues.map((name) => onceMore(name, issueStream(plan, [name]))));
  if (enabled.has("comments")) streams.push(listStream(plan, commentList));
  if (enabled.has("review_comments")) streams.push(listStream(plan, reviewCommentList));
  if (enabled.has("releases")) streams.push(releaseStream(plan));
  if (enabled.has("reviews")) streams.push(reviewStream(plan));
  streams.push((cursor) => changesStream(plan, cursor, 1));
  return streams;
}

/** Issues and pull requests come from one list. */
export function issueStreams(enabled: ReadonlySet<StreamName>): readonly StreamName[] {
  return (["issues", "pull_requests"] as const).filter((name) => enabled.has(name));
}

/** One of several streams of a list that was set back to its beginning: read once to its end, beside the walk of all of them. */
function onceMore(name: string, stream: Stream): Stream {
  return async function* read(from) {
    if (!Object.hasOwn(from.lists, name)) return;
    let cursor = from;
    for await (const page of stream(from)) {
      ({ cursor } = page);
      yield page;
    }
    const { [name]: _, ...lists } = cursor.lists;
    yield { cursor: { ...cursor, lists }, toPage: () => ({ episodes: [], failures: [], skipped: {} }) };
  };
}

/** A list that is read by update time. */
interface ListStream<Row> extends Pick<UpdatedList<Row>, "path" | "query"> {
  /** In the cursor. */
  readonly name: string;
  readonly kind: RowKindName;
  readonly rows: RowKind<Row>;
  /** Which rows become episodes. Default: all. */
  readonly isWanted?: (row: Row) => boolean;
  readonly onRow?: (repository: Repository, row: Row) => void;
  /** Of a comment: the number of what it is about. */
  readonly parentOf?: (row: Row) => number | undefined;
}

const commentList: ListStream<CommentRow> = {
  name: "comments",
  kind: "comments",
  path: "issues/comments",
  rows: rowKinds.comments,
  parentOf: (row) => trailingNumber(row.issue_url),
};

const reviewCommentList: ListStream<ReviewCommentRow> = {
  name: "review_comments",
  kind: "review_comments",
  path: "pulls/comments",
  rows: rowKinds.review_comments,
  parentOf: (row) => trailingNumber(row.pull_request_url),
};

function issueStream(plan: StreamPlan, wanted: readonly StreamName[]): Stream {
  return listStream(plan, {
    name: wanted.join("+"),
    kind: "issues",
    path: "issues",
    query: { state: "all" },
    rows: rowKinds.issues,
    isWanted: (row) => wanted.includes(row.pull_request === undefined ? "issues" : "pull_requests"),
    onRow: (repository, row) => plan.known.remember(repository.id, row),
  });
}

function listStream<Row extends ListedRow>(plan: StreamPlan, stream: ListStream<Row>): Stream {
  const { client, firstSince, access, known } = plan;
  const { name, kind, rows, isWanted = () => true, onRow, parentOf } = stream;
  const mapping: PageMapping<Row> = {
    kind,
    parent: (repository, row) => (parentOf === undefined ? undefined : known.find(repository.id, parentOf(row))),
    map(repository, row) {
      onRow?.(repository, row);
      return isWanted(row) ? rows.toEpisodes(repository, row, mapping.parent?.(repository, row)) : [];
    },
  };
  return async function* read(from) {
    let cursor = from;
    const list = { ...stream, row: rows.row, path: `repos/${cursor.repository.fullName}/${stream.path}` };
    const stored = Object.hasOwn(cursor.lists, name) ? cursor.lists[name] : undefined;
    let state: ListState = stored !== undefined && hasBegun(stored) ? stored : { since: firstSince, seen: {} };
    for await (const page of walkUpdated(list, plan, state)) {
      const begun: Instant = state.begun ?? toInstant(page.dateMs);
      const asked = canQueryChanges(client, cursor.repository, access) ? page.rows.filter((row) => isWanted(row)) : [];
      const changed = changedRows(asked, state, begun);
      const isOdd = oddNumbers(state, page.rows);
      const newest = newestOf(state.newest, page.rows);
      state = { ...page.state, begun, ...(newest !== undefined && { newest }) };
      cursor = withChanges({ ...cursor, lists: { ...cursor.lists, [name]: state } }, enqueue(cursor.changes ?? [], changed));
      if (plan.looksUpParents === true && parentOf !== undefined)
        await lookUpParents(plan, cursor.repository, page.rows.map(parentOf));
      yield { cursor, isOdd, toPage: pageOf(page, mapping) };
      for await (const answered of changesStream(plan, cursor, batchSize)) {
        ({ cursor } = answered);
        yield answered;
      }
    }
  };
}

/** False of a list that was set back to its beginning. Former releases wrote no `begun`. */
function hasBegun({ begun, since, next, seen }: ListState): boolean {
  return begun !== undefined || since !== undefined || next !== undefined || Object.keys(seen).length > 0;
}

/** Requests the issues and pull requests that comments are about, where they were not read lately. */
async function lookUpParents(
  { client, known, signal }: StreamPlan,
  repository: Repository,
  numbers: readonly (number | undefined)[],
): Promise<void> {
  for (const number of new Set(numbers)) {
    if (number === undefined || known.find(repository.id, number) !== undefined) continue;
    const { body } = await client.get(`repos/${repository.fullName}/issues/${number}`, { signal });
    const row = v.safeParse(issueRow, body);
    if (row.success) known.remember(repository.id, row.output);
  }
}

/** Requests what was done to the items that the lists showed, while so many are waiting. */
async function* changesStream(plan: StreamPlan, cursor: Cursor, least: number): AsyncGenerator<StreamPage, void, undefined> {
  const { client, known } = plan;
  for await (const page of walkChanges(client, cursor.repository, cursor.changes ?? [], { ...plan, least })) {
    yield {
      cursor: withChanges(cursor, page.state),
      toPage: pageOf(page, {
        map: (repository, { entry, item }) => itemChangeEpisodes(repository, entry, item, known),
      }),
    };
  }
}

function withChanges(cursor: Cursor, changes: readonly Changed[]): Cursor {
  return { ...cursor, changes: changes.length === 0 ? undefined : changes };
}

function releaseStream(plan: StreamPlan): Stream {
  return async function* read(cursor) {
    const from = cursor.releases ?? { floor: plan.firstSince, known: [] };
    const path = `repos/${cursor.repository.fullName}`;
    for await (const page of walkReleases(plan, path, from)) {
      yield {
        cursor: { ...cursor, releases: page.state },
        toPage: pageOf(page, { kind: "releases", map: mapOf(rowKinds.releases) }),
      };
    }
  };
}

function reviewStream(plan: StreamPlan): Stream {
  return async function* read(cursor) {
    const from = cursor.reviews ?? { since: plan.firstSince, seen: {} };
    for await (const page of walkReviews(plan, plan.access, cursor.repository, from)) {
      yield {
        cursor: { ...cursor, reviews: page.state },
        toPage: pageOf(page, { kind: "reviews", map: mapOf(rowKinds.reviews) }),
      };
    }
  };
}

interface PageMapping<Row> {
  readonly map: (repository: Repository, row: Row) => readonly Episode[];
  /** What failed rows are kept as, to be mapped again. Absent: they cannot be. */
  readonly kind?: RowKindName;
  readonly parent?: (repository: Repository, row: Row) => CommentParent | undefined;
}

function mapOf<Row>({ toEpisodes }: RowKind<Row>): PageMapping<Row>["map"] {
  return (repository, row) => toEpisodes(repository, row, undefined);
}

function pageOf<Row>(page: WalkedPage<Row, unknown>, { map, kind, parent }: PageMapping<Row>): StreamPage["toPage"] {
  return (repository) => {
    const { episodes, failures } = mapItems(page.rows, { id: idOfRow, map: (row) => map(repository, row) });
    const toFailed = ({ id, error, raw: row }: FailedItem, of: CommentParent | undefined): FailedItem => {
      const failedId = id === "" || id.includes("/") ? id : `${repository.fullName}/${kind ?? "items"}/${id}`;
      const raw = { kind, repository, row, ...(of !== undefined && { parent: of }) };
      return kind === undefined || row === undefined ? { id: failedId, error } : { id: failedId, error, raw };
    };
    return {
      episodes,
      failures: [
        ...(page.failures ?? []).map((failed) => toFailed(failed, undefined)),
        ...failures.map((failed) => toFailed(failed, parent?.(repository, failed.raw as Row))),
      ],
      skipped: page.skipped ?? {},
    };
  };
}

function idOfRow(row: unknown): string {
  const id: unknown = typeof row === "object" && row !== null ? Reflect.get(row, "id") : undefined;
  return typeof id === "string" || typeof id === "number" ? String(id) : "";
}
