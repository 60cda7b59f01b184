import type { Episode } from "@statewave-connectors/connector-sdk";
import type { EntryCheck } from "@statewave-connectors/runner/tools";

/** What a trial saw so far. */
export class PullTally {
  readonly #kinds = new Map<string, number>();
  #episodes = 0;
  #refused = 0;
  #failures = 0;
  #isCheckWell = true;

  countCheck({ results }: EntryCheck): void {
    this.#isCheckWell = results.every(({ ok }) => ok);
  }

  /** Answers how many there were. `refusal`: why Statewave would not take it. */
  countEpisode({ kind }: Episode, refusal: string | undefined): number {
    this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1);
    if (refusal !== undefined) this.#refused += 1;
    this.#episodes += 1;
    return this.#episodes;
  }

  countFailure(): number {
    this.#failures += 1;
    return this.#failures;
  }

  /** How many episodes of each kind, sorted by kind. */
  get byKind(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#kinds].toSorted(([left], [right]) => (left < right ? -1 : 1)));
  }

  get refused(): number {
    return this.#refused;
  }

  get isWell(): boolean {
    return this.#isCheckWell && this.#refused === 0 && this.#failures === 0;
  }
}
