import * as v from "valibot";
import type { Changed } from "./changes-queue.ts";
import {
  cursorCodec,
  type CursorReader,
  type Instant,
  type KeysetState,
  keysetState,
} from "@statewave-connectors/connector-sdk/paging";
import type { ReleasesState } from "./releases-walk.ts";
import { type Repository, repositorySchema } from "../repository.ts";
import type { ReviewsState } from "./reviews-state.ts";

/** The cursor of one repository: its identity, and the position of each stream. */
export interface Cursor {
  readonly v: 1;
  readonly repository: Repository;
  /**
   * Key-set walks by what they yield. Issues and pull requests come from one list; its walk is named after the streams that were enabled
   * (`issues+pull_requests`), so that enabling another one later reads the list again instead of missing earlier items.
   */
  readonly lists: Readonly<Record<string, ListState>>;
  /** The start of streams that were never read. Absent: as the options say. */
  readonly since?: Instant | undefined;
  /** Items that are still to be queried by GraphQL. */
  readonly changes?: readonly Changed[] | undefined;
  readonly releases?: ReleasesState | undefined;
  readonly reviews?: ReviewsState | undefined;
}

/** The position in a list, and when its first sync began, by GitHub's clock. */
export interface ListState extends KeysetState<number> {
  readonly begun?: Instant | undefined;
  /** Of issues: the highest number, and when it was given. */
  readonly newest?: { readonly number: number; readonly at: Instant } | undefined;
}

const instant = v.pipe(v.string(), v.isoTimestamp());
const string = v.string();
const number = v.pipe(v.number(), v.safeInteger());
const { entries: walk } = keysetState(number);
const { seen } = walk;
const list = v.strictObject({
  ...walk,
  begun: v.optional(instant),
  newest: v.optional(v.strictObject({ number, at: instant })),
});
const changed = v.strictObject({ id: string, since: v.optional(instant), all: v.optional(v.boolean()), updated: instant });
const releases = v.strictObject({
  floor: v.optional(instant),
  known: v.array(number),
  through: v.optional(instant),
  etag: v.optional(string),
  pages: v.optional(v.array(v.strictObject({ link: string, etag: v.optional(string) }))),
  under: v.optional(v.strictObject({ next: string, etag: v.optional(string) })),
});
const graphqlPass = v.strictObject({
  floor: v.optional(instant),
  pullFloor: v.optional(instant),
  top: v.optional(instant),
  pages: number,
  probed: instant,
  etag: v.optional(string),
  after: v.optional(string),
  reachedFloor: v.optional(v.boolean()),
  deep: v.array(v.strictObject({ number, before: string })),
  seen,
});
const restPass = v.strictObject({
  walk: list,
  pulls: v.array(v.strictObject({ number, title: string, tags: v.optional(v.array(string)) })),
  next: v.optional(string),
  top: v.optional(instant),
});
const reviews = v.strictObject({
  since: v.optional(instant),
  through: v.optional(instant),
  recheck: v.optional(instant),
  seen,
  etag: v.optional(string),
  graphql: v.optional(graphqlPass),
  rest: v.optional(restPass),
});
const cursorSchema = v.strictObject({
  v: v.literal(1),
  repository: repositorySchema,
  lists: v.record(string, list),
  since: v.optional(instant),
  changes: v.optional(v.array(changed)),
  releases: v.optional(releases),
  reviews: v.optional(reviews),
});

/** What is stored for an entry that reads several repositories. */
export interface ManyCursor {
  readonly v: 2;
  /** The id of the repository that was being read: the next run resumes with it. */
  readonly turn?: number | undefined;
  /** See `Cursor`. */
  readonly since?: Instant | undefined;
  /** The position in each repository, by its id. */
  readonly parts: Readonly<Record<string, Cursor>>;
}

const manySchema = v.strictObject({
  v: v.literal(2),
  turn: v.optional(number),
  since: v.optional(instant),
  parts: v.record(v.pipe(string, v.regex(/^\d+$/)), cursorSchema),
});

/** A start point: nothing was read yet, and no repository is known. */
export interface SeededCursor {
  readonly v: 3;
  readonly since: Instant;
}

const seededSchema = v.strictObject({ v: v.literal(3), since: instant });
type AnyCursor = Cursor | ManyCursor | SeededCursor;

const codec = cursorCodec<AnyCursor>({
  kind: "github",
  version: [1, 2, 3],
  schema: v.variant("v", [cursorSchema, manySchema, seededSchema]),
});

/** The cursor as it is stored. */
export function formatCursor(cursor: AnyCursor): string {
  return codec.format(cursor);
}

/** The stored cursor, as entries of one and of several repositories read it. */
export interface ParsedCursor {
  readonly any: AnyCursor | undefined;
  /** For an entry that names several repositories; the cursor of one counts as a part. */
  readonly many: ManyCursor;
  /** For an entry that names one repository. Undefined if the cursor covers several, and none has that name. */
  one(configured: string): Cursor | { readonly since: Instant } | undefined;
}

/** @throws GITHUB_CURSOR_INVALID when it was not written by this connector, or by a newer one. */
export function parseCursor(stored: string | undefined, reader?: CursorReader): ParsedCursor {
  const any = codec.parse(stored, reader);
  return {
    any,
    many: toMany(any),
    one(configured) {
      if (any === undefined || any.v === 1 || any.v === 3) return any;
      const part = Object.values(any.parts).find(({ repository }) => isCalled(repository, configured));
      if (part !== undefined) return { ...part, repository: { ...part.repository, configured } };
      return any.since === undefined ? undefined : { since: any.since };
    },
  };
}

function toMany(cursor: AnyCursor | undefined): ManyCursor {
  switch (cursor?.v) {
    case 2:
      return cursor;
    case 1:
      return { v: 2, parts: { [cursor.repository.id]: cursor } };
    case 3:
      return { v: 2, since: cursor.since, parts: {} };
    default:
      return { v: 2, parts: {} };
  }
}

/** Whether a name in the configuration is that of this repository. GitHub ignores case in names. */
export function isCalled({ fullName, configured }: Repository, name: string): boolean {
  return [fullName, configured].some((known) => known.toLowerCase() === name.toLowerCase());
}
