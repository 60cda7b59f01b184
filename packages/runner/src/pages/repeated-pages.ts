import { createHash } from "node:crypto";
import { ConnectorsError, type Page } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { PageOrigin } from "./read-page.ts";

/** Episodes that are compared at once: more than the largest page of any provider, many times over. */
const mostKeys = 10_000;
const mostCursors = 1_000;
/** A page with the cursor of an earlier one and nothing new: the pages after it repeat, too. */
const mostStandstills = 20;
/** Empty pages in a row, without a cursor. Without a request between them they would block this process. */
const mostEmptyPages = 10_000;
/** A run may read some pages again under other cursors, but fewer than twice the number that is compared. */
const mostRepeatedEpisodes = 2 * mostKeys;

/** A page, as far as it is compared. */
interface JudgedPage extends Pick<Page, "cursor" | "skipped"> {
  readonly episodes: readonly unknown[];
  readonly failures?: readonly { readonly id: string }[];
}

/** A page compared with the pages before it in the same run. */
export type PageProgress = "progress" | "repeat" | "stuck";

/**
 * Detects a run that yields the same pages again and again: the lists of a source may lead in a circle, where every page looks like
 * progress. Remembers at least the last 10,000 episodes and 1,000 cursors.
 */
export class RepeatedPages {
  readonly #keys = new BoundedSet(mostKeys);
  readonly #cursors = new BoundedSet(mostCursors);
  #standstills = 0;
  #repeatedEpisodes = 0;
  #emptyPages = 0;

  /** To be called once for each page, in order. `stuck`: the run has made no progress for so long that it must end. */
  judge({ episodes, cursor, skipped = {}, failures = [] }: JudgedPage): PageProgress {
    let isNew = false;
    for (const episode of episodes) isNew = this.#keys.add(keyOf(episode)) || isNew;
    for (const { id } of failures) isNew = this.#keys.add(`failed ${id}`) || isNew;
    const hasItems = episodes.length + failures.length > 0;
    const isNewCursor = cursor !== undefined && this.#cursors.add(fingerprint(cursor));
    const hasSkipped = Object.keys(skipped).length > 0;
    this.#emptyPages = hasItems || hasSkipped || cursor !== undefined ? 0 : this.#emptyPages + 1;
    if (this.#emptyPages >= mostEmptyPages) return "stuck";
    // A page without items says nothing, unless its cursor stands still as well.
    const isSilent = !hasItems && (cursor === undefined || isNewCursor || hasSkipped);
    if (isNew || isSilent) {
      this.#standstills = 0;
      this.#repeatedEpisodes = 0;
      return "progress";
    }
    if (!isNewCursor) this.#standstills += 1;
    this.#repeatedEpisodes += episodes.length;
    return this.#standstills >= mostStandstills || this.#repeatedEpisodes >= mostRepeatedEpisodes ? "stuck" : "repeat";
  }
}

/** The error of a run, or of the mapping of an event, that makes no progress. */
export function noProgress({ source, direction }: Pick<PageOrigin, "source" | "direction">): ConnectorsError {
  return new ConnectorsError({
    code: direction === "pull" ? "PULL_NO_PROGRESS" : "PUSH_NO_PROGRESS",
    message: `${formatSourceKey(source)} makes no progress: its pages are empty, or repeat earlier pages of the run`,
    hint: "report it to the author of the connector",
  });
}

/** Episodes are not validated yet and may be any value. */
function keyOf(episode: unknown): string {
  return typeof episode === "object" && episode !== null ? String(Reflect.get(episode, "idempotency_key")) : String(episode);
}

/** Cursors may be large. */
function fingerprint(cursor: string): string {
  return createHash("sha256").update(cursor).digest("base64url");
}

/**
 * The latest values of an endless sequence: at least `most`, at most twice as many. Two generations, because a set that grows at one end
 * and shrinks at the other becomes slow.
 */
class BoundedSet {
  readonly #most: number;
  #young = new Set<string>();
  #old: ReadonlySet<string> = new Set();

  constructor(most: number) {
    this.#most = most;
  }

  /** False when it is there already; then it counts as seen again. */
  add(value: string): boolean {
    if (this.#young.has(value)) return false;
    const isNew = !this.#old.has(value);
    this.#young.add(value);
    if (this.#young.size >= this.#most) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    return isNew;
  }
}
