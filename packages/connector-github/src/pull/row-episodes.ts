import type { Episode } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import {
  type CommentParent,
  commentEpisode,
  issueEpisodes,
  releaseEpisode,
  type Review,
  reviewCommentEpisode,
} from "../episodes/to-episode.ts";
import { type Repository, repositorySchema } from "../repository.ts";
import { account, commentRow, issueRow, releaseRow, reviewCommentRow, malformedError } from "../rows.ts";
import { reviewEpisodes } from "./item-changes.ts";

/** A kind of row, and the episodes that are made of it. `parent`: of a comment, where it is known. */
export interface RowKind<Row> {
  readonly row: v.GenericSchema<unknown, Row>;
  readonly toEpisodes: (repository: Repository, row: Row, parent: CommentParent | undefined) => readonly Episode[];
  /** From the raw row. Throws while it cannot be mapped. */
  readonly mapAgain: (failed: FailedRow) => readonly Episode[];
}

/** A review as both ways of reading it make it. */
const review = v.pipe(
  v.object({
    id: v.string(),
    pullNumber: v.number(),
    pullTitle: v.string(),
    author: account,
    association: v.optional(v.string()),
    state: v.string(),
    body: v.string(),
    submittedAt: v.string(),
    updatedAt: v.optional(v.string()),
    url: v.optional(v.string()),
    edit: v.optional(v.object({ by: account, at: v.string() })),
  }),
  v.transform(({ author, url, edit, ...read }): Review => ({
    ...read,
    author: author ?? null,
    url,
    ...(edit !== undefined && { edit: { by: edit.by ?? null, at: edit.at } }),
  })),
);

function kind<Row>(row: RowKind<Row>["row"], toEpisodes: RowKind<Row>["toEpisodes"]): RowKind<Row> {
  return {
    row,
    toEpisodes,
    mapAgain: (failed) => toEpisodes(failed.repository, v.parse(row, failed.row), failed.parent),
  };
}

/** By the word that a failed item keeps. */
export const rowKinds = {
  issues: kind(issueRow, issueEpisodes),
  comments: kind(commentRow, (...comment) => one(commentEpisode(...comment), "issue_url")),
  review_comments: kind(reviewCommentRow, (...comment) => one(reviewCommentEpisode(...comment), "pull_request_url")),
  releases: kind(releaseRow, (repository, row) => one(releaseEpisode(repository, row), "published_at")),
  reviews: kind<Review>(review, reviewEpisodes),
};

export type RowKindName = keyof typeof rowKinds;

function one(episode: Episode | undefined, field: string): readonly Episode[] {
  if (episode !== undefined) return [episode];
  throw malformedError(field);
}

/** A row that could not be mapped, with all that its mapping takes. */
export interface FailedRow {
  readonly kind: RowKindName;
  readonly repository: Repository;
  readonly row: unknown;
  readonly parent?: CommentParent | undefined;
}

const failedRow = v.object({
  kind: v.picklist(["issues", "comments", "review_comments", "releases", "reviews"]),
  repository: repositorySchema,
  row: v.unknown(),
  parent: v.optional(v.object({ isPull: v.boolean(), title: v.string() })),
});

/** The episodes of a failed row, mapped again. Throws while it cannot be mapped. */
export function mapFailedRow(raw: unknown): readonly Episode[] {
  const failed = v.parse(failedRow, raw);
  return rowKinds[failed.kind].mapAgain(failed);
}
