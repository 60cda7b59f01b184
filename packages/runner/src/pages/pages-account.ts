import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { DeliverReport } from "../delivery/delivery-request.ts";
import type { PageOrigin, ReadPage } from "./read-page.ts";

/** The account of everything that a connector yielded: `fetched = episodes + skipped + failed`, `episodes = delivered + buried`. */
export interface PagesReport {
  /** Items that the provider returned, as far as the connector reports them. */
  readonly fetched: number;
  /** Mapped ones. */
  readonly episodes: number;
  readonly delivered: number;
  /** Episodes that are dead letters. */
  readonly buried: number;
  /** Items that the connector left out, with its reasons. */
  readonly skipped: number;
  /** Number of items left out by reason; absent when there are none. */
  readonly skippedReasons?: Readonly<Record<string, number>>;
  /** Items that could not be mapped, and are dead letters. */
  readonly failed: number;
  /** False when `enough` ended it before the connector did. */
  readonly exhausted: boolean;
}

type Counts = { -readonly [Name in "fetched" | "episodes" | "delivered" | "buried" | "skipped" | "failed"]: number };

/** The account of a run or of an event. */
export class PagesAccount {
  readonly #counts: Counts = { fetched: 0, episodes: 0, delivered: 0, buried: 0, skipped: 0, failed: 0 };
  readonly #skippedReasons: Record<string, number> = {};

  get episodes(): number {
    return this.#counts.episodes;
  }

  /**
   * Adds a page that is about to be recorded as safe. Throws `PULL_ACCOUNT_WRONG` or `PUSH_ACCOUNT_WRONG` when something of it is missing,
   * which the account then shows.
   */
  add(page: ReadPage, outcome: PageOutcome, origin: PageOrigin): void {
    const counts = this.#counts;
    const skipped = Object.values(page.skipped).reduce((sum, count) => sum + count, 0);
    const { delivered, buried, withheld = 0 } = outcome;
    const mapped = page.episodes.length;
    counts.fetched += page.fetched;
    counts.episodes += mapped;
    counts.delivered += delivered;
    counts.buried += buried;
    counts.skipped += skipped;
    counts.failed += outcome.failed;
    for (const [reason, count] of Object.entries(page.skipped))
      this.#skippedReasons[reason] = (this.#skippedReasons[reason] ?? 0) + count;
    if (page.fetched !== mapped + skipped + outcome.failed)
      throw wrong(
        origin,
        `of ${page.fetched} items ${mapped} were mapped, ${skipped} skipped and ${outcome.failed} kept as failed`,
      );
    if (mapped !== delivered + buried + withheld)
      throw wrong(origin, `of ${mapped} episodes ${delivered} were delivered and ${buried} buried`);
  }

  report(exhausted: boolean): PagesReport {
    const hasReasons = Object.keys(this.#skippedReasons).length > 0;
    return { ...this.#counts, ...(hasReasons ? { skippedReasons: { ...this.#skippedReasons } } : {}), exhausted };
  }
}

/** The result of a page. */
export interface PageOutcome extends DeliverReport {
  /** Items that are dead letters now. */
  readonly failed: number;
}

function wrong({ source, direction }: PageOrigin, what: string): ConnectorsError {
  return new ConnectorsError({
    code: direction === "pull" ? "PULL_ACCOUNT_WRONG" : "PUSH_ACCOUNT_WRONG",
    message: `the account of ${formatSourceKey(source)} does not balance: ${what}`,
    hint:
      direction === "pull"
        ? "report this with the log of the run, which has moved no cursor past this page"
        : "report this with the log, then retry the dead letter",
  });
}
