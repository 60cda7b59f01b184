import type { Part, PartFailures } from "./part-failures.ts";

/** When every part rests, so many are requested all the same: one of them may be well again. */
const mostUnrested = 3;

/**
 * In which order the parts are read: from the one whose turn it is, those that failed before after the others, those that rest not at
 * all.
 */
export class PartOrder<Item extends Part> {
  readonly #waiting: Item[];

  constructor(parts: readonly Item[], turn: string | undefined, failures: PartFailures) {
    const at = Math.max(
      0,
      parts.findIndex(({ id }) => id === turn),
    );
    const rotated = [...parts.slice(at), ...parts.slice(0, at)];
    const ready = rotated.filter((part) => !failures.isResting(part));
    const restsUntilMs = (part: Item) => failures.of(part)?.restsUntilMs ?? 0;
    const candidates =
      ready.length > 0 ? ready : rotated.toSorted((a, b) => restsUntilMs(a) - restsUntilMs(b)).slice(0, mostUnrested);
    const hasFailed = (part: Item) => (failures.of(part) === undefined ? 0 : 1);
    this.#waiting = candidates.toSorted((a, b) => hasFailed(a) - hasFailed(b));
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /**
   * The next part. After `failures` in a row from the beginning it is taken from elsewhere, from the middle and then from the end: parts side
   * by side may have one cause to fail, and others far off have not.
   */
  next(failures: number): Item | undefined {
    const { length } = this.#waiting;
    const at = failures === 0 ? 0 : failures === 1 ? Math.floor(length / 2) : length - 1;
    return this.#waiting.splice(Math.max(0, at), 1)[0];
  }

  /** The part has more to read: its next turn comes after all others'. */
  again(part: Item): void {
    this.#waiting.push(part);
  }
}
