import type { FakeRepository } from "./fake-repository.ts";

/** How many episodes of each kind a full reading of the repository as it is now must bring. Walks everything: for tests and benches. */
export function expectedEpisodes(repository: FakeRepository): Record<string, number> {
  const counts: Record<string, number> = {};
  const count = (kind: string) => (counts[kind] = (counts[kind] ?? 0) + 1);
  for (const index of repository.issues.created("asc")) {
    const row = repository.issue(index);
    const isPull = row["pull_request"] !== undefined;
    const merged = isPull && Reflect.get(Object(row["pull_request"]), "merged_at") !== null;
    count(isPull ? "github.pr.opened" : "github.issue.opened");
    if (merged) count("github.pr.merged");
    else if (row["state"] === "closed") count(isPull ? "github.pr.closed" : "github.issue.closed");
    if (repository.wasReopened(index) && row["state_reason"] === "reopened") {
      count("github.issue.closed");
      count("github.issue.reopened");
    }
    for (const review of isPull ? repository.reviews(index + 1) : []) {
      if (review["state"] !== "PENDING") count("github.pr.review");
      if (review["state"] === "DISMISSED") count("github.pr.review_dismissed");
    }
  }
  for (const index of repository.comments.created("asc")) {
    count(String(repository.comment(index)["html_url"]).includes("/pull/") ? "github.pr.comment" : "github.issue.comment");
  }
  for (const _ of repository.reviewComments.created("asc")) count("github.pr.review_comment");
  for (const index of repository.releases.created("asc"))
    if (repository.release(index)["draft"] !== true) count("github.release.published");
  return counts;
}
