import type { Part, PartFailures } from "./part-failures.ts";

/** If every part rests, this many are requested nevertheless: the cause may be gone. */
const mostUnrested = 3;

/** What decides the order beside the failures of parts. */
export interface PartPlaces {
  readonly turn: string | undefined;
  /** Ids of parts that come before all others. */
  readonly first: ReadonlySet<string>;
}

/**
 * The order in which parts are read: preferred parts, then from the part whose turn it is; parts that failed in the last run come behind
 * them, and resting parts are left out. A part that ended a run comes last of all; once it did so in enough runs, it comes early.
 */
export class PartOrder<Item extends Part> {
  readonly #waiting: Item[];
  /** Read when no other part waits: the first of them may end the run. */
  readonly #deferred: Item[];

  constructor(parts: readonly Item[], { turn, first }: PartPlaces, failures: PartFailures) {
    const at = Math.max(
      0,
      parts.findIndex(({ id }) => id === turn),
    );
    const rotated = [...parts.slice(at), ...parts.slice(0, at)];
    const ready = rotated.filter((part) => !failures.isResting(part));
    const restsUntilMs = (part: Item) => failures.of(part)?.restsUntilMs ?? 0;
    const candidates =
      ready.length > 0 ? ready : rotated.toSorted((a, b) => restsUntilMs(a) - restsUntilMs(b)).slice(0, mostUnrested);
    const deferralOf = (part: Item) => (first.has(part.id) ? undefined : failures.deferralOf(part));
    const endedRun = (part: Item) => deferralOf(part)?.endedRun ?? 0;
    const isDeferred = (part: Item) => {
      const deferral = deferralOf(part);
      if (deferral === undefined || deferral.isOver) return false;
      // Others may have used up the limit that ended it, and its turn is now.
      return deferral.cameFirst || part.id !== turn;
    };
    const rank = (part: Item) => {
      if (first.has(part.id)) return 0;
      if (deferralOf(part) !== undefined) return 1;
      return failures.of(part) === undefined ? 2 : 3;
    };
    // Of those that ended runs, the one that has waited longest comes first.
    const inOrder = candidates.toSorted((a, b) => rank(a) - rank(b) || endedRun(a) - endedRun(b));
    this.#waiting = inOrder.filter((part) => !isDeferred(part));
    this.#deferred = inOrder.filter((part) => isDeferred(part));
  }

  get isEmpty(): boolean {
    return !this.hasUndeferred && this.#deferred.length === 0;
  }

  /** Whether a part waits that did not end an earlier run. */
  get hasUndeferred(): boolean {
    return this.#waiting.length > 0;
  }

  /** The part that is read next while none fails. */
  get first(): Item | undefined {
    return this.#waiting[0] ?? this.#deferred[0];
  }

  /**
   * The next part. `failures`: how many parts failed before one was read. After a failure the part is taken from the middle, then from the
   * end: neighbours may share the cause of a failure.
   */
  next(failures: number): Item | undefined {
    const { length } = this.#waiting;
    if (length === 0) return this.#deferred.shift();
    const at = failures === 0 ? 0 : failures === 1 ? Math.floor(length / 2) : length - 1;
    return this.#waiting.splice(at, 1)[0];
  }

  /** Puts a part that has more to read behind all others. */
  again(part: Item): void {
    this.#waiting.push(part);
  }
}
