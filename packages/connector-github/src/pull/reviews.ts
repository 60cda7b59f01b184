import { type GraphqlAccess, GraphqlRefused } from "../graphql.ts";
import type { WalkedPage, WalkContext } from "./list-walk.ts";
import type { Repository } from "../repository.ts";
import { walkReviewsByGraphql } from "./reviews-graphql.ts";
import { walkReviewsByRest } from "./reviews-rest.ts";
import type { ReviewsState } from "./reviews-state.ts";
import type { Review } from "../episodes/to-episode.ts";

/**
 * Reads reviews by GraphQL where a token is there, else, and where GraphQL refuses, by REST. Each way starts from what the other has finished;
 * what it had begun is read again.
 */
export async function* walkReviews(
  context: WalkContext,
  access: GraphqlAccess,
  repository: Repository,
  from: ReviewsState,
): AsyncGenerator<WalkedPage<Review, ReviewsState>, void, undefined> {
  const { client, logger } = context;
  if (client.authenticated && !access.refused.has(repository.id)) {
    const { rest, ...state } = from;
    try {
      yield* walkReviewsByGraphql(context, repository, rest === undefined ? from : state);
      return;
    } catch (error) {
      if (!(error instanceof GraphqlRefused)) throw error;
      access.refused.add(repository.id);
      logger.warn("GraphQL refuses to list reviews: each changed pull request is requested by REST instead", { error });
    }
  }
  const { graphql: _, etag: __, recheck: ___, ...state } = from;
  yield* walkReviewsByRest(context, repository, state);
}
