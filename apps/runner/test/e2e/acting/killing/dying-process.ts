import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";

/** What a command sees of store and inbox in a process that is killed: from its death on, nothing it calls happens or is answered. */
export class DyingProcess {
  readonly #lastCall: number;
  readonly #died = Promise.withResolvers<"killed">();
  #calls = 0;

  /** `lastCall`: the call of store or inbox after which it is killed, which is before its next one. Default: it lives. */
  constructor(lastCall = Infinity) {
    this.#lastCall = lastCall;
  }

  /** Resolves when the process is killed or the command has ended. */
  async outlives(command: Promise<unknown>): Promise<"killed" | "done"> {
    return Promise.race([this.#died.promise, command.then(() => "done" as const)]);
  }

  /** A store or an inbox as this process sees it. It stays open: the test closes it. */
  view<Place extends CursorStore | Inbox>(place: Place): Place {
    return this.#view(place);
  }

  #view<Place extends object>(place: Place): Place {
    return new Proxy(place, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (name === "close") return async () => undefined;
        if (typeof value === "function") return (...args: unknown[]) => this.#call(() => Reflect.apply(value, target, args));
        return typeof value === "object" && value !== null ? this.#view(value) : value;
      },
    });
  }

  async #call(call: () => unknown): Promise<unknown> {
    this.#calls += 1;
    if (this.#calls < this.#lastCall) return call();
    if (this.#calls === this.#lastCall) await call();
    this.#died.resolve("killed");
    return new Promise(() => undefined);
  }
}
