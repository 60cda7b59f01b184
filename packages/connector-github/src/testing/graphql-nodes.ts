import type { FakeRepository } from "./fake-repository.ts";
import type { Json } from "./repository-rows.ts";

/** What `nodes(ids:)` answers for one of REST's `node_id`s; undefined: there is no such object any more. */
export function nodeOf(repositories: readonly FakeRepository[], id: string): Json | undefined {
  const [, type, repositoryId, at] = /^(I|PR|IC|PRRC)_(\d+)_(\d+)$/.exec(id) ?? [];
  const repository = repositories.find(({ shape }) => String(shape.id) === repositoryId);
  const index = Number(at);
  if (repository === undefined) return undefined;
  const { issues, comments, reviewComments } = repository;
  if (type === "IC")
    return live(comments.updatedSeconds(index), () => comment("IssueComment", repository, repository.comment(index)));
  if (type === "PRRC") {
    return live(reviewComments.updatedSeconds(index), () => {
      return comment("PullRequestReviewComment", repository, repository.reviewComment(index));
    });
  }
  return live(issues.updatedSeconds(index), () => issue(repository, index));
}

function live(updatedSeconds: number | undefined, render: () => Json): Json | undefined {
  return updatedSeconds === undefined ? undefined : render();
}

function written(repository: FakeRepository, row: Json): Json {
  const lastEditedAt = repository.history.lastEditedAt(row["node_id"]);
  return {
    id: row["node_id"],
    body: row["body"] ?? "",
    url: row["html_url"],
    createdAt: row["created_at"],
    updatedAt: row["updated_at"],
    lastEditedAt,
    author: actor(row["user"]),
    authorAssociation: row["author_association"],
    editor: lastEditedAt === undefined ? null : actor({ login: "hubot" }),
  };
}

function comment(typename: string, repository: FakeRepository, row: Json): Json {
  const { path, line } = row;
  return { __typename: typename, ...written(repository, row), fullDatabaseId: String(row["id"]), path, line };
}

function issue(repository: FakeRepository, index: number): Json {
  const row = repository.issue(index);
  return {
    __typename: row["pull_request"] === undefined ? "Issue" : "PullRequest",
    ...written(repository, row),
    number: row["number"],
    title: row["title"],
    state: stateOf(row),
    closedAt: row["closed_at"],
    mergedAt: mergedAtOf(row),
    labels: { nodes: row["labels"] },
    timelineItems: ({ last = 100, since }: { last?: number; since?: string | null }) => ({
      nodes: repository
        .events(index)
        .filter(({ createdAt }) => since === undefined || since === null || String(createdAt) >= since)
        .slice(-last)
        .map(({ type, ...event }) => ({ __typename: type, ...event, actor: actor(event["actor"]) })),
    }),
  };
}

function mergedAtOf({ pull_request: part }: Json): unknown {
  return typeof part === "object" && part !== null ? Reflect.get(part, "merged_at") : null;
}

/** Upper-case, and a third state for what REST calls closed with a time of merging. */
export function stateOf(row: Json): string {
  return mergedAtOf(row) === null ? String(row["state"]).toUpperCase() : "MERGED";
}

/** GraphQL writes a bot's login without the `[bot]` that REST adds. */
export function actor(user: unknown): Json | null {
  if (typeof user !== "object" || user === null) return null;
  const login = String(Reflect.get(user, "login"));
  return {
    __typename: login.endsWith("[bot]") ? "Bot" : "User",
    login: login.replace(/\[bot\]$/, ""),
    url: `https://github.com/${login}`,
  };
}
