import type { Clock } from "@statewave-connectors/connector-sdk";
import type { ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { type Fields, idField, toFields } from "@statewave-connectors/connector-sdk/items";
import { pageNumberPages } from "@statewave-connectors/connector-sdk/paging";
import { freshdesk } from "../client.ts";
import { hasNextPage } from "../next-page.ts";
import { Rows } from "../rows.ts";

/** A list is begun anew after so long: names that were read from it are remembered for as long. */
const listedForMs = 60 * 60_000;
/** Freshdesk answers for no later page of a list. */
const lastPage = 300;

/** What a list of names is read with. */
export interface NameListOptions {
  readonly client: ProviderClient;
  readonly clock: Pick<Clock, "now">;
  /** `agents` or `companies`. */
  readonly list: string;
  /** Called with each row. */
  readonly learn: (id: string, row: Fields) => void;
}

/**
 * A list whose rows have names. It is read a page for each id that is not known, as long as it has pages: an account with few names costs one
 * request, and of one with many the list costs no more than the look-ups that it saves.
 */
export class NameList {
  readonly #options: NameListOptions;
  #begunMs = -Infinity;
  #pagesRead = 0;
  /** Of the next page; undefined: the list was read to its end. */
  #offset: number | undefined;

  constructor(options: NameListOptions) {
    this.#options = options;
  }

  /** How many of its pages were read so far, by all runs. */
  get pagesRead(): number {
    return this.#pagesRead;
  }

  /** Reads the next page, if there is one. */
  async readOn(signal: AbortSignal): Promise<void> {
    const { clock, learn } = this.#options;
    if (clock.now() - this.#begunMs >= listedForMs) {
      this.#begunMs = clock.now();
      this.#offset = 0;
    }
    if (this.#offset === undefined) return;
    this.#pagesRead += 1;
    for await (const { items, next } of this.#pages(this.#offset, signal)) {
      for (const row of items.map(toFields)) {
        const id = idField(row, "id");
        if (id !== undefined && row !== undefined) learn(id, row);
      }
      this.#offset = next;
      return;
    }
    this.#offset = undefined;
  }

  #pages(from: number, signal: AbortSignal) {
    const { client, list } = this.#options;
    return pageNumberPages({
      ...freshdesk,
      list,
      from,
      lastPage,
      signal,
      async fetchPage(page: number, size: number) {
        const answer = await client.get(list, { query: { page, per_page: size }, schema: Rows, signal });
        return { items: answer.body, hasMore: page < lastPage && hasNextPage(client, answer, { page, size }) };
      },
    });
  }
}
