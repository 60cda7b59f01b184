import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import type { Changed } from "./changes-queue.ts";
import type { Instant } from "./instant.ts";
import type { KeysetState } from "./keyset-plan.ts";
import type { ReleasesState } from "./releases-walk.ts";
import type { Repository } from "./repository.ts";
import type { ReviewsState } from "./reviews.ts";

/** What is stored between two pages: which repository it is, and where each stream stands. */
export interface Cursor {
  readonly v: 1;
  readonly repository: Repository;
  /**
   * Key-set walks by what they yield. Issues and pull requests come from one list; its walk is named after what was wanted of it
   * (`issues+pull_requests`), so that wanting more later reads the list again instead of missing what was passed over.
   */
  readonly lists: Readonly<Record<string, ListState>>;
  /** Items that GraphQL is still to be asked about. */
  readonly changes?: readonly Changed[] | undefined;
  readonly releases?: ReleasesState | undefined;
  readonly reviews?: ReviewsState | undefined;
}

/** Where the reading of a list stands, and since when, by GitHub's clock, it is read at all. */
export interface ListState extends KeysetState {
  readonly begun?: Instant | undefined;
}

const instant = v.pipe(v.string(), v.isoTimestamp());
const string = v.string();
const number = v.pipe(v.number(), v.safeInteger());
const seen = v.record(instant, v.array(number));
const list = v.strictObject({
  since: v.optional(instant),
  seen,
  etag: v.optional(string),
  next: v.optional(string),
  again: v.optional(v.boolean()),
  begun: v.optional(instant),
});
const changed = v.strictObject({ id: string, since: v.optional(instant), all: v.optional(v.boolean()), updated: instant });
const releases = v.strictObject({
  floor: v.optional(instant),
  known: v.array(number),
  etag: v.optional(string),
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
  repository: v.strictObject({
    id: number,
    fullName: v.pipe(string, v.regex(/^[^/\s]+\/[^/\s]+$/)),
    host: string,
    configured: string,
  }),
  lists: v.record(string, list),
  changes: v.optional(v.array(changed)),
  releases: v.optional(releases),
  reviews: v.optional(reviews),
});

/** What is stored for an entry that reads several repositories. */
export interface ManyCursor {
  readonly v: 2;
  /** The id of the repository that was being read: the next tick goes on with it. */
  readonly turn?: number | undefined;
  /** Where the reading of each stands, by its id. */
  readonly parts: Readonly<Record<string, Cursor>>;
}

const manySchema = v.strictObject({
  v: v.literal(2),
  turn: v.optional(number),
  parts: v.record(v.pipe(string, v.regex(/^\d+$/)), cursorSchema),
});
const anySchema = v.variant("v", [cursorSchema, manySchema]);

/** The cursor as it is stored. */
export function formatCursor(cursor: Cursor | ManyCursor): string {
  return JSON.stringify(cursor);
}

/**
 * The cursor of an entry that names one repository; undefined when what is stored is that of several, none of which is called so.
 *
 * @throws GITHUB_CURSOR_INVALID when it was not written by this connector, or by a newer one.
 */
export function parseCursor(cursor: string, sourceKey: string, configured: string): Cursor | undefined {
  const parsed = parseAny(cursor, sourceKey);
  if (parsed.v === 1) return parsed;
  const part = Object.values(parsed.parts).find(({ repository }) => isCalled(repository, configured));
  return part === undefined ? undefined : { ...part, repository: { ...part.repository, configured } };
}

/**
 * The cursor of an entry that names several; that of one counts as a part.
 *
 * @throws GITHUB_CURSOR_INVALID like `parseCursor`.
 */
export function parseManyCursor(cursor: string, sourceKey: string): ManyCursor {
  const parsed = parseAny(cursor, sourceKey);
  return parsed.v === 2 ? parsed : { v: 2, parts: { [parsed.repository.id]: parsed } };
}

/** Whether a name in the configuration means this repository. GitHub's names know no case. */
export function isCalled({ fullName, configured }: Repository, name: string): boolean {
  return [fullName, configured].some((known) => known.toLowerCase() === name.toLowerCase());
}

function parseAny(cursor: string, sourceKey: string): Cursor | ManyCursor {
  const parsed = v.safeParse(anySchema, parseJson(cursor), { abortEarly: true });
  if (parsed.success) return parsed.output;
  throw new ConnectorsError({
    code: "GITHUB_CURSOR_INVALID",
    message: `the stored cursor of ${sourceKey} is not one of this connector: ${v.getDotPath(parsed.issues[0]) ?? "it"} is wrong`,
    hint: `forget it with \`state delete ${sourceKey}\`; the next sync then reads from the beginning, and what Statewave has is not stored twice`,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
