/** Where an episode comes from, in the source's own terms. */
export interface SourcePointer {
  /** Dotted, e.g. `github.issue`. 1–256 characters. */
  readonly type: string;
  /** The source's id of what the episode is about, e.g. `acme/widgets#42`. */
  readonly id: string;
  readonly url?: string;
}

/** Who wrote or did what an episode reports. Agents that read a memory weigh it by this: text of a stranger is no instruction. */
export interface Author {
  /** As the source shows it, e.g. a login or a display name. At most 256 characters are kept. */
  readonly name: string;
  /**
   * How close the author stands to the owner of the source. `self`: the account the connector reads as. `member`: of the organisation.
   * `external`: signed in, but from outside. `bot`: a program. `anonymous`: the source does not say who.
   */
  readonly kind: "self" | "member" | "external" | "bot" | "anonymous";
  /** What vouches for name and kind, e.g. `github.author_association` or `dmarc`. Absent: the sender's own word. */
  readonly verifiedBy?: string;
}

/** How something ended. Statewave renders it beside the episode. */
export interface Outcome {
  /** A short word, e.g. `resolved`, `merged`, `rejected`. At most 64 characters are kept. */
  readonly status: string;
  /** One sentence. At most 512 characters are kept. */
  readonly reason?: string;
}

/** A memory that a connector words itself. */
export interface MemoryCandidate {
  /** Of a rule or a fact, of steps to take, or of what an episode is about. */
  readonly kind: "domain_fact" | "procedure" | "episode_summary";
  /** Understood alone: Statewave shows it whole, without the episode's text. At most 4,000 characters are kept. */
  readonly text: string;
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
  /** Statewave ranks by its words. At most 512 characters are kept. */
  readonly title?: string;
  /** Where it stands in its source, outermost first, e.g. `Handbook > Travel > Expenses`; ranked like `title`. At most 512 characters are kept. */
  readonly breadcrumb?: string;
  /** Groups episodes into one conversation, e.g. `zendesk-4711`. */
  readonly session?: string;
  readonly author?: Author;
  readonly outcome?: Outcome;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /**
   * The memories of this episode, at most 50. They replace whatever Statewave would extract from its text: with an LLM as compiler that is a loss. So
   * an option decides, and unless a user sets it, only what holds nothing to extract has them; see `connector-sdk/memory`.
   */
  readonly candidates?: readonly MemoryCandidate[];
}
