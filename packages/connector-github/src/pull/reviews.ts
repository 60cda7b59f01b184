import { type GraphqlAccess, GraphqlRefused } from "../graphql.ts";
import type { Instant } from "@statewave-connectors/connector-sdk/paging";
import type { WalkedPage, Walking } from "./list-walk.ts";
import type { Repository } from "../repository.ts";
import { type GraphqlPass, walkReviewsByGraphql } from "./reviews-graphql.ts";
import { type RestPass, walkReviewsByRest } from "./reviews-rest.ts";
import type { Seen } from "@statewave-connectors/connector-sdk/paging";
import type { Review } from "../episodes/to-episode.ts";

/** Where the reading of reviews stands, whichever way they are read. */
export interface ReviewsState {
  /** Where the first sync began; absent: at the beginning. */
  readonly since?: Instant | undefined;
  /** Every review up to here was yielded. Absent until the first reading has ended. */
  readonly through?: Instant | undefined;
  /** GraphQL: where the last pass began, when pull requests may have been touched while it ran. */
  readonly recheck?: Instant | undefined;
  /** Reviews shortly before `through` that were yielded. */
  readonly seen: Seen<number>;
  /** Of the answer that named the newest pull request. */
  readonly etag?: string | undefined;
  /** A GraphQL pass under way. */
  readonly graphql?: GraphqlPass | undefined;
  /** The walk of the REST way. */
  readonly rest?: RestPass | undefined;
}

/**
 * Reads reviews by GraphQL where a token is there, else, and where GraphQL refuses, by REST. Each way starts from what the other has finished;
 * what it had begun is read again.
 */
export async function* walkReviews(
  walking: Walking,
  access: GraphqlAccess,
  repository: Repository,
  from: ReviewsState,
): AsyncGenerator<WalkedPage<Review, ReviewsState>, void, undefined> {
  const { client, logger } = walking;
  if (client.authenticated && !access.refused.has(repository.id)) {
    const { rest, ...state } = from;
    try {
      yield* walkReviewsByGraphql(walking, repository, rest === undefined ? from : state);
      return;
    } catch (error) {
      if (!(error instanceof GraphqlRefused)) throw error;
      access.refused.add(repository.id);
      logger.warn("GraphQL refuses to list reviews: each changed pull request is requested by REST instead", { error });
    }
  }
  const { graphql: _, etag: __, recheck: ___, ...state } = from;
  yield* walkReviewsByRest(walking, repository, state);
}
