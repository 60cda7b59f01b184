import type { Episode } from "@statewave-connectors/connector-sdk";
import { answeredFields } from "./answered-fields.ts";
import { authorship, doerOf, loginOf } from "./author.ts";
import { type Deed, type EpisodeParts, pointer, toEpisode } from "./episode-parts.ts";
import { firstLine, thingOf } from "./first-line.ts";
import { issueEpisode, origin, statesAfter } from "./issue-frame.ts";
import { memoryOfWords, routineMemory } from "./routine.ts";
import type { Repository } from "../repository.ts";
import type { CommentRow, IssueRow, ReviewCommentRow } from "../rows.ts";
import { type CodeComment, type CommentParent, onCode, type Review } from "./to-episode.ts";

// What a list does not show: it has items as they are, not that they were changed or deleted. Webhooks report it, and for a pull GraphQL
// reports some of it (item-changes.ts). An edit is keyed by its time and its words, since the time has whole seconds. A deletion happens
// once; it does not repeat the deleted text.

/** An issue or pull request was opened again. */
export function reopenedEpisode(repository: Repository, row: IssueRow, { by, at }: Deed): Episode {
  const say = (thing: string) => `${loginOf(by)} reopened ${thing}`;
  const states = statesAfter(row, "reopened", { by, at });
  return issueEpisode(repository, row, {
    event: "reopened",
    at,
    by: by ?? null,
    say,
    body: origin(row),
    states,
    discriminator: [at],
  });
}

/** What of an issue has new words. */
export interface Edit {
  /** Undefined where the title stayed. */
  readonly formerTitle: string | undefined;
  readonly hasNewBody: boolean;
}

/** Title or body have new words. A body that stayed is not repeated: Statewave would take the edit for a newer version of the opening. */
export function editedEpisode(
  repository: Repository,
  row: IssueRow,
  { by, at }: Deed,
  { formerTitle, hasNewBody }: Edit,
): Episode {
  const former = formerTitle === undefined ? [] : [`Formerly "${formerTitle}".`];
  return issueEpisode(repository, row, {
    event: "edited",
    at,
    by: by ?? null,
    say: (thing) => `${loginOf(by)} edited ${thing}`,
    body: hasNewBody ? [...former, answeredFields(row.body)].join("\n\n") : [...former, origin(row)].join(" "),
    discriminator: [at, row.title, row.body],
  });
}

/** An issue is gone for good. */
export function deletedEpisode(repository: Repository, row: IssueRow, { by, at }: Deed): Episode {
  const say = (thing: string) => `${loginOf(by)} deleted ${thing}`;
  return issueEpisode(repository, row, { event: "deleted", at, by: by ?? null, say, body: origin(row) });
}

/** An issue lives on in another repository; `target` is its reference there, if the event has one. */
export function transferredEpisode(repository: Repository, row: IssueRow, { by, at }: Deed, target: string): Episode {
  const say = (thing: string) => `${loginOf(by)} transferred ${thing}`;
  const body = `It is ${target} now. ${origin(row)}`;
  return issueEpisode(repository, row, { event: "transferred", at, by: by ?? null, say, body });
}

/** A comment that was written in a conversation or on a line of code, and what became of it. */
export interface CommentChange {
  readonly row: Pick<CommentRow | ReviewCommentRow, "id" | "user" | "body" | "html_url" | "author_association"> & CodeComment;
  /** The number of its issue or pull request. */
  readonly number: number;
  readonly parent: CommentParent;
  readonly onCode: boolean;
}

/** A comment has new words. */
export function editedCommentEpisode(repository: Repository, change: CommentChange, deed: Deed): Episode {
  const { row } = change;
  const body = change.onCode ? onCode(row) : row.body;
  return commentChange(repository, change, deed, {
    verb: "edited",
    keyParts: [deed.at, row.body],
    body,
    memory: change.onCode ? undefined : memoryOfWords(row.body, change.parent.title),
  });
}

/** A comment is gone. */
export function deletedCommentEpisode(repository: Repository, change: CommentChange, deed: Deed): Episode {
  return commentChange(repository, change, deed, { verb: "deleted", keyParts: [], body: "", memory: routineMemory });
}

function commentChange(
  repository: Repository,
  { row, number, parent, onCode: isOnCode }: CommentChange,
  { by, at }: Deed,
  {
    verb,
    keyParts,
    ...parts
  }: { readonly verb: string; readonly keyParts: readonly string[] } & Pick<EpisodeParts, "body" | "memory">,
): Episode {
  const word = isOnCode ? "review_comment" : "comment";
  const prefix = parent.isPull ? "pr" : "issue";
  const kind = `github.${prefix}.${word}_${verb}`;
  const thing = thingOf(repository.fullName, number, parent.isPull ? "pull request" : "issue");
  const whose = row.user?.login === by?.login ? "their" : `${loginOf(row.user)}'s`;
  const where = isOnCode ? "comment on code of" : "comment on";
  const type = isOnCode ? "github.pr.review_comment" : `github.${prefix}.comment`;
  return toEpisode(repository, {
    kind,
    line: firstLine(thing, parent.title, (named) => `${loginOf(by)} ${verb} ${whose} ${where} ${named}`),
    ...parts,
    at,
    title: parent.title,
    session: number,
    author: doerOf(by, row),
    source: pointer(type, isOnCode ? `${thing.ref}/review_comment/${row.id}` : `${thing.ref}/${row.id}`, row.html_url),
    keyParts: [word, number, row.id, kind, ...keyParts],
    metadata: { number, comment_id: row.id, ...authorship(row.user), [`${verb}_by`]: loginOf(by) },
  });
}

/** A review has a new text, or was dismissed; `by` undefined: the source does not say who did it. */
export function reviewChangeEpisode(
  repository: Repository,
  review: Review,
  { by, at }: Deed,
  verb: "edited" | "dismissed",
): Episode {
  const { id, pullNumber: number, pullTitle: title, author, association, state } = review;
  const kind = `github.pr.review_${verb}`;
  const thing = thingOf(repository.fullName, number, "pull request");
  const whose = author?.login === by?.login ? "their" : `${loginOf(author)}'s`;
  const say = (named: string) =>
    by === undefined
      ? `${loginOf(author)}'s review of ${named} was ${verb}`
      : `${loginOf(by)} ${verb} ${whose} review of ${named}`;
  return toEpisode(repository, {
    kind,
    line: firstLine(thing, title, say),
    body: verb === "edited" ? review.body : "",
    at,
    title,
    session: number,
    author: doerOf(by, { user: author, author_association: association }),
    source: pointer("github.pr.review", `${thing.ref}/review/${id}`, review.url),
    keyParts: ["review", number, id, kind, ...(verb === "edited" ? [at, review.body] : [])],
    metadata: {
      number,
      review_id: id,
      ...authorship(author),
      state,
      ...(by === undefined ? {} : { [`${verb}_by`]: loginOf(by) }),
    },
  });
}
