import type { Instant, KeysetState, Seen } from "@statewave-connectors/connector-sdk/paging";

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

/** One walk from the most recently updated pull request down to the floor. */
export interface GraphqlPass {
  /** Reviews that changed before it were read by an earlier pass; absent: all are read. */
  readonly floor?: Instant | undefined;
  /** Pull requests that changed before it were. */
  readonly pullFloor?: Instant | undefined;
  /** What the pass will have read up to: the newest pull request when it began. Absent until its first page is read. */
  readonly top?: Instant | undefined;
  /** What the probe saw: the newest pull request's time, and the answer's ETag. */
  readonly probed: Instant;
  readonly etag?: string | undefined;
  /** Where the next pull requests begin; absent at the first page and when `reachedFloor`. */
  readonly after?: string | undefined;
  readonly reachedFloor?: boolean | undefined;
  /** Pages of pull requests read. */
  readonly pages: number;
  /** Pull requests with more reviews than one page: where their earlier reviews begin. */
  readonly deep: readonly { readonly number: number; readonly before: string }[];
  readonly seen: Seen<number>;
}

export interface ChangedPull {
  readonly number: number;
  readonly title: string;
  /** Former versions stored labels. */
  readonly tags?: readonly string[] | undefined;
}

/** A walk over changed pull requests, and the ones of its last page whose reviews are still to be read. */
export interface RestPass {
  readonly walk: KeysetState<number>;
  readonly pulls: readonly ChangedPull[];
  /** The next page of the first of them. */
  readonly next?: string | undefined;
  /** The latest update the walk has met. */
  readonly top?: Instant | undefined;
}
