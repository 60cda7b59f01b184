import type { Episode } from "@statewave-connectors/connector-sdk";
import { cleanText } from "@statewave-connectors/connector-sdk/text";
import * as v from "valibot";
import { readPayload, type RepositoryEvent } from "../webhook/delivery.ts";
import { authorship, loginOf, pointer, toEpisode } from "./episode-parts.ts";
import { account, id, instant, optionalText, text, url } from "../rows.ts";

// Kinds that nobody gets without asking: discussions and pushes to branches. They come by webhook only.

const discussion = v.object({
  number: id,
  title: text,
  body: optionalText,
  user: account,
  html_url: url,
  created_at: instant,
  category: v.fallback(v.optional(v.object({ name: text })), undefined),
});
const answer = v.object({ id, user: account, body: optionalText, html_url: url });
const discussionCreated = v.object({ discussion });
const discussionAnswered = v.object({
  discussion: v.object({ ...discussion.entries, answer_chosen_at: instant, answer_chosen_by: account }),
  answer,
});
const discussionCommented = v.object({ discussion, comment: v.object({ ...answer.entries, created_at: instant }) });

/** A discussion was begun. */
export function discussionCreatedEpisodes(event: RepositoryEvent): readonly Episode[] {
  const { discussion: row } = readPayload(discussionCreated, event);
  const toText = (ref: string) => `${loginOf(row.user)} opened discussion ${ref}\n\n${row.body}`;
  return [discussionEpisode(event, row, { what: "created", at: row.created_at, toText, author: authorship(row.user) })];
}

/** A comment was chosen as a discussion's answer. */
export function discussionAnsweredEpisodes(event: RepositoryEvent): readonly Episode[] {
  const { discussion: row, answer: chosen } = readPayload(discussionAnswered, event);
  const by = loginOf(row.answer_chosen_by);
  const toText = (ref: string) =>
    `${by} chose ${loginOf(chosen.user)}'s answer to discussion ${ref}\n\n${chosen.body}\n\nThe question: ${row.body}`;
  const at = row.answer_chosen_at;
  return [discussionEpisode(event, row, { what: "answered", at, toText, keyParts: [at], author: authorship(chosen.user) })];
}

/** Somebody commented in a discussion. */
export function discussionCommentEpisodes(event: RepositoryEvent): readonly Episode[] {
  const { discussion: row, comment } = readPayload(discussionCommented, event);
  const toText = (ref: string) => `${loginOf(comment.user)} commented on discussion ${ref}\n\n${comment.body}`;
  const { created_at: at, html_url: page } = comment;
  const keyParts = [comment.id];
  return [discussionEpisode(event, row, { what: "comment", at, toText, keyParts, page, author: authorship(comment.user) })];
}

interface DiscussionDeed {
  readonly what: "created" | "answered" | "comment";
  readonly at: string;
  readonly toText: (ref: string) => string;
  readonly author: Readonly<Record<string, unknown>>;
  readonly keyParts?: readonly (string | number)[];
  readonly page?: string | undefined;
}

function discussionEpisode(
  { repository }: RepositoryEvent,
  row: v.InferOutput<typeof discussion>,
  { what, at, toText, author, keyParts = [], page = row.html_url }: DiscussionDeed,
): Episode {
  const ref = `${repository.fullName}#${row.number}`;
  const category = row.category?.name;
  const kind = `github.discussion.${what}`;
  return toEpisode(repository, {
    kind,
    text: toText(`${ref}${category === undefined ? "" : ` [${category}]`}: ${row.title}`),
    at,
    title: row.title,
    source: pointer("github.discussion", what === "comment" ? `${ref}/${keyParts.join("/")}` : ref, page),
    keyParts: ["discussion", row.number, kind, ...keyParts],
    metadata: { number: row.number, ...author, category },
  });
}

const epochSeconds = v.pipe(v.number(), v.minValue(0), v.maxValue(10_000_000_000));
const pushed = v.object({
  ref: text,
  before: text,
  after: text,
  forced: v.fallback(v.boolean(), false),
  compare: url,
  commits: v.array(
    v.object({
      id: text,
      message: optionalText,
      author: v.fallback(v.object({ name: optionalText, username: v.nullish(text) }), { name: "", username: null }),
    }),
  ),
  repository: v.object({ pushed_at: v.fallback(v.optional(epochSeconds), undefined) }),
});

/** Commits came to a branch. Tags, deleted branches and branches without new commits are nothing to remember. */
export function pushEpisodes(event: RepositoryEvent): readonly Episode[] {
  const row = readPayload(pushed, event);
  const branch = /^refs\/heads\/(.+)$/.exec(row.ref)?.[1];
  if (branch === undefined || row.commits.length === 0) return [];
  const { repository, sender } = event;
  const count = row.commits.length === 1 ? "1 commit" : `${row.commits.length} commits`;
  const newest = row.commits.at(-1)!.message.split("\n", 1)[0]!;
  const lines = row.commits.map((commit) => {
    const by = commit.author.username ?? commit.author.name;
    return `${commit.id.slice(0, 7)} ${by}: ${commit.message.trim()}`;
  });
  const verb = row.forced ? "force-pushed" : "pushed";
  const pushedAt = row.repository.pushed_at;
  return [
    toEpisode(repository, {
      kind: "github.branch.pushed",
      text: cleanText(
        `${loginOf(sender)} ${verb} ${count} to ${branch} of ${repository.fullName}: ${newest}\n\n${lines.join("\n")}`,
      ),
      at: pushedAt === undefined ? event.receivedAt : new Date(pushedAt * 1_000).toISOString(),
      source: pointer("github.branch", `${repository.fullName}@${branch}`, row.compare),
      // A branch may be put back to where it was: both ends tell one push from the next.
      keyParts: ["push", row.before, row.after, row.ref],
      metadata: { branch, commits: row.commits.length, forced: row.forced, ...authorship(sender) },
    }),
  ];
}
