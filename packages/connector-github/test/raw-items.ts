import type { RawItem } from "@statewave-connectors/testing";
import * as v from "valibot";
import { toParent, trailingNumber } from "../src/episodes/to-episode.ts";
import { toReview } from "../src/pull/reviews-rest.ts";
import type { FailedRow } from "../src/pull/row-episodes.ts";
import { issueRow, reviewRow } from "../src/rows.ts";
import type { FakeRepository } from "../src/testing/fake-repository.ts";
import type { Json } from "../src/testing/repository-rows.ts";

/** Every item of a fake repository as a failed item keeps it. */
export function rawItemsOf(fake: FakeRepository): readonly RawItem[] {
  const { fullName, id } = fake.shape;
  const repository = { id, fullName, host: "github.com", configured: fullName };
  const item = (kind: FailedRow["kind"], row: Json, parent?: FailedRow["parent"]): RawItem => ({
    id: `${fullName}/${kind}/${String(row["id"])}`,
    raw: { kind, repository, row, ...(parent !== undefined && { parent }) },
  });
  const parentOf = (url: unknown) => {
    const row = v.parse(issueRow, fake.issue((trailingNumber(String(url)) ?? 0) - 1));
    return toParent(row, row.pull_request !== undefined);
  };
  const indexes = (count: number) => Array.from({ length: count }, (_, index) => index);
  const { issues, comments, reviewComments, releases } = fake.shape;
  const reviews = indexes(issues).flatMap((index) => {
    const pull = v.parse(issueRow, fake.issue(index));
    return fake.reviews(pull.number).flatMap((review) => {
      const row = toReview(v.parse(reviewRow, review), pull);
      return row === undefined ? [] : [item("reviews", { ...row })];
    });
  });
  return [
    ...indexes(issues).map((index) => item("issues", fake.issue(index))),
    ...indexes(comments).map((index) => {
      const row = fake.comment(index);
      return item("comments", row, parentOf(row["issue_url"]));
    }),
    ...indexes(reviewComments).map((index) => {
      const row = fake.reviewComment(index);
      return item("review_comments", row, parentOf(row["pull_request_url"]));
    }),
    ...indexes(releases).map((index) => item("releases", fake.release(index))),
    ...reviews,
  ];
}
