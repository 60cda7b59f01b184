/** Where an episode comes from, in the source's own terms. */
export interface SourcePointer {
  /** Dotted, e.g. `github.issue`. 1–256 characters. */
  readonly type: string;
  /** The source's id for the thing, e.g. `acme/widgets#42`. */
  readonly id: string;
  readonly url?: string;
}

/**
 * One normalized event. Field names are those of the published episode schema, hence snake_case.
 *
 * Statewave ranks on text alone: who did what where belongs into the first 150 characters of `text`; metadata is only carried along.
 */
export interface Episode {
  /** Whom or what it is about, e.g. `repo:acme/widgets`. The sink maps it to the server's character set. */
  readonly subject: string;
  /** Dotted, source-prefixed, lower snake, e.g. `github.issue.opened`. 1–128 characters. */
  readonly kind: string;
  /** Self-contained and front-loaded. Over 16 KiB it is cut and marked on delivery, never refused for length. */
  readonly text: string;
  /** When it happened at the source: ISO 8601 with offset. */
  readonly occurred_at: string;
  readonly source: SourcePointer;
  /** Stable for the same event however often and by whichever way it is read; see `idempotencyKey`. */
  readonly idempotency_key: string;
  readonly title?: string;
  /** Groups episodes into one conversation, e.g. `zendesk-4711`. */
  readonly session?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** What a connector yields: some episodes, and in a pull the cursor to store once they are safe. */
export interface Page {
  readonly episodes: readonly Episode[];
  /** "Resume from here" once every episode of this and of all earlier pages is safe. Absent: nothing to store yet. */
  readonly cursor?: string;
  /** Items the connector left out on purpose, counted by a short reason such as `too_large`. */
  readonly skipped?: Readonly<Record<string, number>>;
}
