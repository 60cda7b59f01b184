/**
 * A signal that aborts together with another one, or before it. Linked by hand, so that it can be unlinked: `AbortSignal.any` stays attached
 * until it is collected, which is dear where one is made for every event.
 */
export class LinkedAbort {
  readonly #controller = new AbortController();
  readonly #parent: AbortSignal | undefined;
  readonly #follow = () => this.abort(this.#parent?.reason);

  constructor(parent?: AbortSignal) {
    this.#parent = parent;
    if (parent?.aborted === true) this.#follow();
    else parent?.addEventListener("abort", this.#follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.unlink();
    this.#controller.abort(reason);
  }

  /** To be called when what it was for is over. */
  unlink(): void {
    this.#parent?.removeEventListener("abort", this.#follow);
  }
}
