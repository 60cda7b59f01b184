/** Before the first answer, this many failures in a row mean that the provider is at fault. */
const mostBeforeAnswer = 5;
/** This many failures in a row mean that the provider is at fault. */
const mostInARow = 20;

/** An item that failed although it was requested on its own. */
export interface Suspect<Place> {
  readonly place: Place;
  readonly error: unknown;
}

/** Items that failed in a row. They count as broken only after the provider has answered another request. */
export class Suspects<Place> {
  #suspects: readonly Suspect<Place>[] = [];
  #hasAnswer = false;

  /** @throws the first error, when the provider is at fault. */
  add(suspect: Suspect<Place>): void {
    this.#suspects = [...this.#suspects, suspect];
    const [first] = this.#suspects;
    if (first !== undefined && this.#suspects.length >= (this.#hasAnswer ? mostInARow : mostBeforeAnswer)) throw first.error;
  }

  /** To be called after each answer. Returns the items to request again. */
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
