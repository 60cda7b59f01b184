import type { IdleSignalListener, Terminal } from "../terminal/terminal.ts";

/** Signals that do not end the runner. From its creation on they end nothing; those that arrive before `handle` are handled then. */
export class IdleSignals {
  readonly #early: Parameters<IdleSignalListener>[] = [];
  #listener: IdleSignalListener = (...signal) => void this.#early.push(signal);

  constructor({ onIdleSignal }: Pick<Terminal, "onIdleSignal">) {
    onIdleSignal?.((...signal) => this.#listener(...signal));
  }

  handle(listener: IdleSignalListener): void {
    this.#listener = listener;
    for (const signal of this.#early.splice(0)) listener(...signal);
  }
}
