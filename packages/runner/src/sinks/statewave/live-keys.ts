import type { SinkSettings } from "./sink-settings.ts";

/** What a request to Statewave is authorized with. */
export type StatewaveKeys = Pick<SinkSettings, "apiKey" | "credentials">;

/** The keys of `[statewave]` at this moment: a reload replaces them, and requests that are under way end with the former ones. */
export class LiveKeys {
  #current: StatewaveKeys;

  constructor(first: StatewaveKeys) {
    this.#current = keysOf(first);
  }

  get current(): StatewaveKeys {
    return this.#current;
  }

  replace(keys: StatewaveKeys): void {
    this.#current = keysOf(keys);
  }
}

/** Also what is absent: a key that was removed must not be sent. */
function keysOf({ apiKey, credentials }: StatewaveKeys): StatewaveKeys {
  return { apiKey, credentials };
}
