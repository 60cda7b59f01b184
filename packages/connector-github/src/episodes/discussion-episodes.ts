import type { Episode } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import { readPayload, type RepositoryEvent } from "../webhook/delivery.ts";
import { authorship, doerOf, loginOf, type Written, writerOf } from "./author.ts";
import { type EpisodeParts, pointer, toEpisode } from "./episode-parts.ts";
import { firstLine, thingOf } from "./first-line.ts";
import { memoryOfWords } from "./routine.ts";
import { account, association, id, instant, optionalText, text, url } from "../rows.ts";

// Only on demand, and by webhook only.

const discussion = v.object({
  number: id,
  title: text,
  body: optionalText,
  user: account,
  author_association: association,
  html_url: url,
  created_at: instant,
  category: v.fallback(v.optional(v.object({ name: text })), undefined),
});
const answer = v.object({ id, user: account, author_association: association, body: optionalText, html_url: url });
const discussionCreated = v.object({ discussion });
const discussionAnswered = v.object({
  discussion: v.object({ ...discussion.entries, answer_chosen_at: instant, answer_chosen_by: account }),
  answer,
});
const discussionCommented = v.object({ discussion, comment: v.object({ ...answer.entries, created_at: instant }) });

/** A discussion was begun. */
export function discussionCreatedEpisodes(event: RepositoryEvent): readonly Episode[] {
  const { discussion: row } = readPayload(discussionCreated, event);
  const say = (thing: string) => `${loginOf(row.user)} opened ${thing}`;
  const { created_at: at, body } = row;
  return [discussionEpisode(event, row, { what: "created", at, say, body, author: writerOf(row), written: row })];
}

/** A comment was chosen as a discussion's answer. */
export function discussionAnsweredEpisodes(event: RepositoryEvent): readonly Episode[] {
  const { discussion: row, answer: chosen } = readPayload(discussionAnswered, event);
  const { answer_chosen_at: at, answer_chosen_by: by } = row;
  const say = (thing: string) => `${loginOf(by)} chose ${loginOf(chosen.user)}'s answer to ${thing}`;
  const author = doerOf(by, row);
  return [
    discussionEpisode(event, row, { what: "answered", at, say, body: chosen.body, keyParts: [at], author, written: chosen }),
  ];
}

/** A comment in a discussion. */
export function discussionCommentEpisodes(event: RepositoryEvent): readonly Episode[] {
  const { discussion: row, comment } = readPayload(discussionCommented, event);
  const say = (thing: string) => `${loginOf(comment.user)} commented on ${thing}`;
  const { created_at: at, html_url: page, body } = comment;
  const deed = { what: "comment", at, say, body, keyParts: [comment.id], page } as const;
  return [discussionEpisode(event, row, { ...deed, author: writerOf(comment), written: comment })];
}

interface DiscussionDeed extends Pick<EpisodeParts, "at" | "body" | "author"> {
  readonly what: "created" | "answered" | "comment";
  readonly say: (thing: string) => string;
  /** Whose words they are. */
  readonly written: Written;
  readonly keyParts?: readonly (string | number)[];
  readonly page?: string | undefined;
}

function discussionEpisode(
  { repository }: RepositoryEvent,
  { number, title, html_url, category }: v.InferOutput<typeof discussion>,
  { what, at, say, body = "", author, written, keyParts = [], page = html_url }: DiscussionDeed,
): Episode {
  const thing = thingOf(repository.fullName, number, "discussion");
  const kind = `github.discussion.${what}`;
  return toEpisode(repository, {
    kind,
    line: firstLine(thing, title, say),
    body,
    at,
    title,
    session: number,
    author,
    memory: what === "comment" ? memoryOfWords(body, title) : undefined,
    source: pointer("github.discussion", what === "comment" ? `${thing.ref}/${keyParts.join("/")}` : thing.ref, page),
    keyParts: ["discussion", number, kind, ...keyParts],
    metadata: { number, ...authorship(written.user), category: category?.name },
  });
}
