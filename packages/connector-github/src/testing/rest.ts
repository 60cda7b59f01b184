import type { FakeRepository } from "./fake-repository.ts";
import type { Json } from "./repository-rows.ts";
import type { Timeline, TimelineKey } from "./timeline.ts";

/** An answer before ETag and rate-limit headers are added. */
export interface RestAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** github.com refuses numbered pages of `/issues` from somewhere between page 11 and page 100 on. */
const deepestIssuePage = 10;

/** Answers a GET below `/repos/{owner}/{name}` or `/repositories/{id}`. `rest` is what follows; `self` is the link prefix for this path. */
export function answerRest(repository: FakeRepository, rest: string, query: URLSearchParams, self: string): RestAnswer {
  const reviewsOf = /^\/pulls\/(\d+)\/reviews$/.exec(rest)?.[1];
  if (reviewsOf !== undefined) return listReviews(repository, Number(reviewsOf), query, self);
  const issue = /^\/issues\/(\d+)$/.exec(rest)?.[1];
  if (issue !== undefined) return oneIssue(repository, Number(issue));
  switch (rest) {
    case "":
      return { status: 200, body: repositoryJson(repository) };
    case "/issues":
      if (!repository.shape.hasIssues) return { status: 410, body: { message: "Issues are disabled for this repo" } };
      return listIssues(repository, query, self);
    case "/issues/comments":
      return listComments(repository.comments, (index) => repository.comment(index), query, self);
    case "/pulls/comments":
      return listComments(repository.reviewComments, (index) => repository.reviewComment(index), query, self);
    case "/pulls":
      return listPulls(repository, query, self);
    case "/releases":
      return numberedPage([...repository.releases.created("desc")], (index) => repository.release(index), query, self);
    default:
      return notFound();
  }
}

function oneIssue(repository: FakeRepository, number: number): RestAnswer {
  const exists = repository.issues.updatedSeconds(number - 1) !== undefined;
  return exists ? { status: 200, body: repository.issue(number - 1) } : notFound();
}

export function notFound(): RestAnswer {
  return { status: 404, body: { message: "Not Found", documentation_url: "https://docs.github.com/rest", status: "404" } };
}

function repositoryJson(repository: FakeRepository): Json {
  const { id, isPrivate, isArchived, hasIssues } = repository.shape;
  return {
    id,
    name: repository.fullName.split("/")[1],
    full_name: repository.fullName,
    private: isPrivate,
    html_url: `https://github.com/${repository.fullName}`,
    url: `https://api.github.com/repos/${repository.fullName}`,
    archived: isArchived,
    has_issues: hasIssues,
    permissions: { pull: true, push: false, admin: false },
  };
}

/** Issues and pull requests. Defaults as documented: open ones, created, newest first. Pages link by cursor. */
function listIssues(repository: FakeRepository, query: URLSearchParams, self: string): RestAnswer {
  const { issues } = repository;
  const sort = query.get("sort") ?? "created";
  const direction = query.get("direction") ?? "desc";
  const state = query.get("state") ?? "open";
  const since = sinceSeconds(query);
  if (since === undefined || !["created", "updated", "comments"].includes(sort) || !["asc", "desc"].includes(direction))
    return invalid();
  if (!["open", "closed", "all"].includes(state)) return invalid();
  const perPage = perPageOf(query);
  const page = pageOf(query);
  const after = query.get("after");
  if (after === null && page > deepestIssuePage) {
    const message = "The page parameter is not supported for large datasets, please use cursor based pagination (after/before)";
    return { status: 422, body: { message, documentation_url: "https://docs.github.com/rest", status: "422" } };
  }
  const from = after === null ? undefined : decodeCursor(after);
  if (after !== null && from === undefined) return invalid();
  const inOrder = (): Iterable<number> => {
    const start = from ?? { seconds: since, index: 0 };
    if (sort !== "updated") return issues.created(direction === "asc" ? "asc" : "desc");
    if (direction === "desc") return issues.descending(from ?? { seconds: Infinity, index: 0 });
    return issues.ascending(from === undefined ? start : { ...start, index: start.index + 1 });
  };
  const wanted = (index: number) =>
    issues.updatedSeconds(index)! >= since && (state === "all" || repository.issue(index)["state"] === state);
  const { indexes, more } = take(inOrder(), wanted, { skip: after === null ? (page - 1) * perPage : 0, count: perPage });
  const last = indexes.at(-1);
  const cursor = last === undefined ? "" : encodeCursor({ seconds: issues.updatedSeconds(last)!, index: last });
  const links = more ? { next: changedQuery(query, { page: String(page + 1), after: cursor }) } : {};
  return { status: 200, body: indexes.map((index) => repository.issue(index)), headers: linkHeader(self, links) };
}

/** Both comment lists. `direction` counts only where `sort` is given; without it they come by ascending id. */
function listComments(timeline: Timeline, render: (index: number) => Json, query: URLSearchParams, self: string): RestAnswer {
  const since = sinceSeconds(query);
  const sort = query.get("sort");
  const direction = query.get("direction");
  if (since === undefined || (sort !== null && !["created", "updated"].includes(sort))) return invalid();
  const isAscending = sort === null || direction === "asc";
  const perPage = perPageOf(query);
  const page = pageOf(query);
  const inOrder =
    sort === "updated"
      ? isAscending
        ? timeline.ascending({ seconds: since, index: 0 })
        : timeline.descending({ seconds: Infinity, index: 0 })
      : timeline.created(isAscending ? "asc" : "desc");
  const wanted = (index: number) => timeline.updatedSeconds(index)! >= since;
  const { indexes } = take(inOrder, wanted, { skip: (page - 1) * perPage, count: perPage });
  const pages = Math.ceil(timeline.countFrom(since) / perPage);
  return { status: 200, body: indexes.map(render), headers: linkHeader(self, numberedLinks(query, page, pages)) };
}

/** Pull requests alone; no `since` here. */
function listPulls(repository: FakeRepository, query: URLSearchParams, self: string): RestAnswer {
  const sort = query.get("sort") ?? "created";
  const isAscending = (query.get("direction") ?? (sort === "created" ? "desc" : "asc")) === "asc";
  const state = query.get("state") ?? "open";
  const perPage = perPageOf(query);
  const page = pageOf(query);
  const { issues } = repository;
  const byUpdate = () =>
    isAscending ? issues.ascending({ seconds: -Infinity, index: 0 }) : issues.descending({ seconds: Infinity, index: 0 });
  const inOrder = sort === "updated" ? byUpdate() : issues.created(isAscending ? "asc" : "desc");
  const wanted = (index: number) =>
    repository.isPull(index + 1) && (state === "all" || repository.issue(index)["state"] === state);
  const { indexes, more } = take(inOrder, wanted, { skip: (page - 1) * perPage, count: perPage });
  const links = more ? { next: changedQuery(query, { page: String(page + 1) }) } : {};
  return { status: 200, body: indexes.map((index) => toPullRow(repository.issue(index))), headers: linkHeader(self, links) };
}

/** A row of `/pulls` has `merged_at` at its top, and its own number space of ids. */
function toPullRow(issue: Json): Json {
  const { pull_request: part, repository_url: _, ...row } = issue;
  const merged = typeof part === "object" && part !== null ? Reflect.get(part, "merged_at") : null;
  return { ...row, id: Number(row["id"]) + 1_000_000_000, merged_at: merged, head: { ref: "topic" }, base: { ref: "main" } };
}

function listReviews(repository: FakeRepository, number: number, query: URLSearchParams, self: string): RestAnswer {
  const exists = repository.issues.updatedSeconds(number - 1) !== undefined && repository.isPull(number);
  if (!exists) return notFound();
  return numberedPage(repository.reviews(number), renderReview, query, self);
}

/** REST rows carry no `updated_at`. */
function renderReview(review: Json): Json {
  return { ...review, updated_at: undefined };
}

/** The repositories of an organization by name. */
export function listRepositories(repositories: readonly FakeRepository[], query: URLSearchParams, self: string): RestAnswer {
  return numberedPage(repositories, repositoryJson, query, self);
}

function numberedPage<Item>(
  items: readonly Item[],
  render: (item: Item) => Json,
  query: URLSearchParams,
  self: string,
): RestAnswer {
  const perPage = perPageOf(query);
  const page = pageOf(query);
  const body = items.slice((page - 1) * perPage, page * perPage).map(render);
  return { status: 200, body, headers: linkHeader(self, numberedLinks(query, page, Math.ceil(items.length / perPage))) };
}

function take(
  indexes: Iterable<number>,
  wanted: (index: number) => boolean,
  { skip, count }: { readonly skip: number; readonly count: number },
): { readonly indexes: readonly number[]; readonly more: boolean } {
  const taken: number[] = [];
  let left = skip;
  for (const index of indexes) {
    if (!wanted(index)) continue;
    if (left > 0) left -= 1;
    else if (taken.length === count) return { indexes: taken, more: true };
    else taken.push(index);
  }
  return { indexes: taken, more: false };
}

function numberedLinks(query: URLSearchParams, page: number, pages: number): Readonly<Record<string, URLSearchParams>> {
  const to = (target: number) => changedQuery(query, { page: String(target) });
  return {
    ...(page > 1 ? { prev: to(page - 1) } : {}),
    ...(page < pages ? { next: to(page + 1), last: to(pages) } : {}),
    ...(page > 1 ? { first: to(1) } : {}),
  };
}

function linkHeader(self: string, links: Readonly<Record<string, URLSearchParams>>): Record<string, string> {
  const parts = Object.entries(links).map(([rel, query]) => `<${self}?${query.toString()}>; rel="${rel}"`);
  return parts.length === 0 ? {} : { link: parts.join(", ") };
}

function changedQuery(query: URLSearchParams, changes: Readonly<Record<string, string>>): URLSearchParams {
  const changed = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) changed.set(name, value);
  return changed;
}

/** Inclusive, as field reports have it; undefined when it is not a time. */
function sinceSeconds(query: URLSearchParams): number | undefined {
  const text = query.get("since");
  if (text === null) return -Infinity;
  const ms = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms / 1_000;
}

function perPageOf(query: URLSearchParams): number {
  const wanted = Number(query.get("per_page") ?? "30");
  return Number.isInteger(wanted) && wanted > 0 ? Math.min(wanted, 100) : 30;
}

function pageOf(query: URLSearchParams): number {
  const page = Number(query.get("page") ?? "1");
  return Number.isInteger(page) && page > 0 ? page : 1;
}

function invalid(): RestAnswer {
  return {
    status: 422,
    body: { message: "Validation Failed", documentation_url: "https://docs.github.com/rest", status: "422" },
  };
}

/** Opaque, and a key rather than an offset, like GitHub's own (`cursor:v2:` and a packed timestamp and id). */
export function encodeCursor(key: TimelineKey): string {
  return Buffer.from(`cursor:v2:${JSON.stringify([key.seconds, key.index])}`).toString("base64");
}

export function decodeCursor(cursor: string): TimelineKey | undefined {
  const match = /^cursor:v2:\[(\d+),(\d+)\]$/.exec(Buffer.from(cursor, "base64").toString("utf8"));
  return match === null ? undefined : { seconds: Number(match[1]), index: Number(match[2]) };
}
