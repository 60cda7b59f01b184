import type { Episode } from "@statewave-connectors/connector-sdk";
import { authorship, type Deed, loginOf, pointer, toEpisode } from "./episode-parts.ts";
import type { Repository } from "../repository.ts";
import type { CommentRow, IssueRow, ReviewCommentRow } from "../rows.ts";
import { behindReview, type CommentParent, issueFrame, type Review } from "./to-episode.ts";

// What a list does not tell: it shows things as they are, not that they were changed or are gone. Webhooks tell it, and for a pull GraphQL
// tells some of it (item-changes.ts). An edit is keyed by its time and its words, since the time has whole seconds. A deletion happens
// once; it does not repeat what somebody wanted gone.

/** An issue or pull request was opened again. */
export function reopenedEpisode(repository: Repository, row: IssueRow, { by, at }: Deed): Episode {
  const { word, ref, behind, episode } = issueFrame(repository, row);
  return episode("reopened", at, `${loginOf(by)} reopened ${word} ${ref} ${behind}\n\nOpened by ${loginOf(row.user)}.`, at);
}

/** Title or body have new words; `formerTitle` is undefined where the title stayed. */
export function editedEpisode(repository: Repository, row: IssueRow, { by, at }: Deed, formerTitle: string | undefined): Episode {
  const { word, ref, behind, episode } = issueFrame(repository, row);
  const renamed = formerTitle === undefined ? "" : `\n\nFormerly: ${formerTitle}`;
  const text = `${loginOf(by)} edited ${word} ${ref} ${behind}${renamed}\n\n${row.body}`;
  return episode("edited", at, text, at, row.title, row.body);
}

/** An issue is gone for good. */
export function deletedEpisode(repository: Repository, row: IssueRow, { by, at }: Deed): Episode {
  const { word, ref, behind, episode } = issueFrame(repository, row);
  return episode("deleted", at, `${loginOf(by)} deleted ${word} ${ref} ${behind}\n\nOpened by ${loginOf(row.user)}.`);
}

/** An issue lives on in another repository; `target` is its reference there, as far as it is told. */
export function transferredEpisode(repository: Repository, row: IssueRow, { by, at }: Deed, target: string): Episode {
  const { word, ref, behind, episode } = issueFrame(repository, row);
  const text = `${loginOf(by)} transferred ${word} ${ref} to ${target} ${behind}\n\nOpened by ${loginOf(row.user)}.`;
  return episode("transferred", at, text);
}

/** A comment that was written in a conversation or on a line of code, and what became of it. */
export interface CommentChange {
  readonly row: Pick<CommentRow | ReviewCommentRow, "id" | "user" | "body" | "html_url">;
  /** The number of its issue or pull request. */
  readonly number: number;
  readonly parent: CommentParent;
  readonly onCode: boolean;
}

/** A comment has new words. */
export function editedCommentEpisode(repository: Repository, change: CommentChange, deed: Deed): Episode {
  return commentChange(repository, change, deed, { verb: "edited", keyParts: [deed.at, change.row.body], body: change.row.body });
}

/** A comment is gone. */
export function deletedCommentEpisode(repository: Repository, change: CommentChange, deed: Deed): Episode {
  return commentChange(repository, change, deed, { verb: "deleted", keyParts: [], body: "" });
}

function commentChange(
  repository: Repository,
  { row, number, parent, onCode }: CommentChange,
  { by, at }: Deed,
  { verb, keyParts, body }: { readonly verb: string; readonly keyParts: readonly string[]; readonly body: string },
): Episode {
  const thing = onCode ? "review_comment" : "comment";
  const kind = `github.${parent.isPull ? "pr" : "issue"}.${thing}_${verb}`;
  const ref = `${repository.fullName}#${number}`;
  const whose = row.user?.login === by?.login ? "their" : `${loginOf(row.user)}'s`;
  const where = `${onCode ? "the code of " : ""}${parent.isPull ? "pull request" : "issue"} ${ref}`;
  const type = onCode ? "github.pr.review_comment" : `github.${parent.isPull ? "pr" : "issue"}.comment`;
  return toEpisode(repository, {
    kind,
    text: `${loginOf(by)} ${verb} ${whose} comment on ${where}${parent.behind}\n\n${body}`,
    at,
    title: parent.title,
    source: pointer(type, onCode ? `${ref}/review_comment/${row.id}` : `${ref}/${row.id}`, row.html_url),
    keyParts: [thing, number, row.id, kind, ...keyParts],
    metadata: { number, comment_id: row.id, ...authorship(row.user), [`${verb}_by`]: loginOf(by) },
  });
}

/** A review has new words, or somebody declared that it does not count any more; `by` undefined: who is not told. */
export function reviewChangeEpisode(
  repository: Repository,
  review: Review,
  { by, at }: Deed,
  verb: "edited" | "dismissed",
): Episode {
  const kind = `github.pr.review_${verb}`;
  const ref = `${repository.fullName}#${review.pullNumber}`;
  const author = loginOf(review.author);
  const whose = review.author?.login === by?.login ? "their" : `${author}'s`;
  const deed = by === undefined ? `${author}'s review was ${verb}, of` : `${loginOf(by)} ${verb} ${whose} review of`;
  const edition = verb === "edited" ? [at, review.body] : [];
  return toEpisode(repository, {
    kind,
    text: `${deed} pull request ${ref}${behindReview(review)}\n\n${review.body}`,
    at,
    title: review.pullTitle,
    source: pointer("github.pr.review", `${ref}/review/${review.id}`, review.url),
    keyParts: ["review", review.pullNumber, review.id, kind, ...edition],
    metadata: {
      number: review.pullNumber,
      review_id: review.id,
      ...authorship(review.author),
      state: review.state,
      ...(by === undefined ? {} : { [`${verb}_by`]: loginOf(by) }),
    },
  });
}
