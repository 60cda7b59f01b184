import type { ChannelFacts } from "../conversation.ts";

/** Names by id; undefined where none is known, and then the id is written. */
export interface Names {
  user(id: string): string | undefined;
  channel(id: string): ChannelFacts | undefined;
}

export const noNames: Names = { user: () => undefined, channel: () => undefined };

/**
 * Passes on the names that are known and notes which ones are missing. Mapping an event with it first says what to look up, with no second
 * description of which ids an episode shows. Bounded: a message that mentions thousands of people does not cause thousands of look-ups.
 */
export class NameRequests implements Names {
  readonly users = new Set<string>();
  readonly channels = new Set<string>();
  readonly #known: Names;
  readonly #maxOfEach: number;

  constructor(known: Names, maxOfEach: number) {
    this.#known = known;
    this.#maxOfEach = maxOfEach;
  }

  user(id: string): string | undefined {
    const name = this.#known.user(id);
    if (name === undefined && this.users.size < this.#maxOfEach) this.users.add(id);
    return name;
  }

  channel(id: string): ChannelFacts | undefined {
    const facts = this.#known.channel(id);
    if (facts === undefined && this.channels.size < this.#maxOfEach) this.channels.add(id);
    return facts;
  }
}
