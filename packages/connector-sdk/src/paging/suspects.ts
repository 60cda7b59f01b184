/** Where nothing was answered before, the provider is more likely to be at fault than so many items. */
const mostBeforeAnswer = 5;
/** When so many items fail one after the other, it is not because of them. */
const mostInARow = 20;

/** An item that failed although it was requested on its own. */
export interface Suspect<Place> {
  readonly place: Place;
  readonly error: unknown;
}

/** Items that failed one after the other. They are at fault only once something else was answered. */
export class Suspects<Place> {
  #suspects: readonly Suspect<Place>[] = [];
  #hasAnswer = false;

  /** @throws the first error, when the provider is more likely to be at fault than the items. */
  add(suspect: Suspect<Place>): void {
    this.#suspects = [...this.#suspects, suspect];
    const [first] = this.#suspects;
    if (first !== undefined && this.#suspects.length >= (this.#hasAnswer ? mostInARow : mostBeforeAnswer)) throw first.error;
  }

  /** Something was answered: returns the items to request once more. */
  answered(): readonly Suspect<Place>[] {
    const suspects = this.#suspects;
    this.#suspects = [];
    this.#hasAnswer = true;
    return suspects;
  }

  get hasAnswer(): boolean {
    return this.#hasAnswer;
  }

  get first(): Suspect<Place> | undefined {
    return this.#suspects[0];
  }
}
