import { FakeGithub } from "@statewave-connectors/connector-github/testing";
import * as v from "valibot";
import { questions } from "../questions/question-set.ts";

const by = v.string();
const number = v.number();
const opened = v.strictObject({ title: v.string(), labels: v.optional(v.array(v.string()), []), body: v.string() });

/** What happened in a repository, oldest first, in the words of GitHub's API. Numbers and authors are as GitHub gives them. */
const event = v.intersect([
  v.object({ at: v.string(), by }),
  v.union([
    v.object({ issue: opened }),
    v.object({ pull: opened }),
    v.object({ comment: v.string(), on: number }),
    v.object({ review: v.string(), on: number, state: v.picklist(["APPROVED", "CHANGES_REQUESTED", "COMMENTED"]) }),
    v.object({ review_comment: v.string(), on: number, path: v.string(), line: v.number() }),
    v.object({ close: number, reason: v.optional(v.string()) }),
    v.object({ merge: number }),
    v.object({ reopen: number }),
    v.object({ edit: number, body: v.string() }),
    v.object({ release: v.string(), name: v.string(), body: v.string() }),
  ]),
]);

type Event = v.InferOutput<typeof event>;

export const githubCorpus = v.strictObject({ repo: v.string(), questions, events: v.array(event) });

export type GithubCorpus = v.InferOutput<typeof githubCorpus>;

/** A fake GitHub that the history has happened on. */
export async function startGithub(corpus: GithubCorpus): Promise<FakeGithub> {
  let now: number | undefined;
  const fake = await FakeGithub.start({
    fullName: corpus.repo,
    issues: 0,
    comments: 0,
    reviewComments: 0,
    releases: 0,
    limits: { token: 100_000, anonymous: 100_000 },
    nowMs: () => now ?? Date.now(),
  });
  for (const happened of corpus.events) {
    now = Date.parse(happened.at);
    apply(fake.repository, happened);
  }
  now = undefined;
  return fake;
}

function apply(repository: FakeGithub["repository"], happened: Event): void {
  const user = accountOf(happened.by);
  if ("issue" in happened) repository.addIssue({ ...openingOf(happened.issue), user });
  else if ("pull" in happened)
    repository.addIssue({ ...openingOf(happened.pull), user, isPull: true, pull_request: { merged_at: null } });
  else if ("comment" in happened) repository.editComment(repository.addComment(happened.on, happened.comment), { user });
  else if ("review" in happened) repository.addReview(happened.on, { state: happened.state, body: happened.review, user });
  else if ("review_comment" in happened) {
    const { on, review_comment: body, path, line } = happened;
    repository.editReviewComment(repository.addReviewComment(on, body), { user, path, line });
  } else if ("close" in happened) {
    repository.closeIssue(happened.close, happened.by);
    if (happened.reason !== undefined) repository.editIssue(happened.close, { state_reason: happened.reason });
  } else if ("merge" in happened) {
    repository.closeIssue(happened.merge, happened.by);
    repository.editIssue(happened.merge, { pull_request: { merged_at: happened.at } });
  } else if ("reopen" in happened) repository.reopenIssue(happened.reopen);
  else if ("edit" in happened) repository.editIssue(happened.edit, { body: happened.body });
  else {
    const { release: tag, name, body } = happened;
    const page = `https://github.com/${repository.fullName}/releases/tag/${tag}`;
    repository.addRelease({ tag_name: tag, name, body, author: user, html_url: page, prerelease: false });
  }
}

function openingOf({ title, labels, body }: v.InferOutput<typeof opened>): Record<string, unknown> {
  return { title, body, labels: labels.map((name) => ({ name })) };
}

function accountOf(login: string): { readonly login: string; readonly type: string } {
  return { login, type: login.endsWith("[bot]") ? "Bot" : "User" };
}
