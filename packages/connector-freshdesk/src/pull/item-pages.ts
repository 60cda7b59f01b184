import { type FailedItem, mapItems, type Page } from "@statewave-connectors/connector-sdk";
import { isProviderError } from "@statewave-connectors/connector-sdk/http";
import type { Fields } from "@statewave-connectors/connector-sdk/items";
import type { Account } from "../account.ts";
import { toEpisodes } from "../episodes/to-episode.ts";
import type { Directory, KnownNames } from "./directory.ts";
import { itemId, namedItem, type UnnamedItem } from "./named-items.ts";

type ItemPage = Required<Pick<Page, "episodes" | "failures">>;

const mostNamesOfAPage = 300;

/** Makes pages of items: looks up the names that they show, and maps them. */
export class ItemPages {
  readonly #account: Account;
  readonly #directory: Directory;

  constructor(account: Account, directory: Directory) {
    this.#account = account;
    this.#directory = directory;
  }

  /** @param unread Items of the page that could not be read. */
  async page(items: readonly UnnamedItem[], unread: readonly FailedItem[], signal: AbortSignal): Promise<ItemPage> {
    const names = await this.#namesOf(items, signal);
    const map = (item: UnnamedItem) => toEpisodes(namedItem(item, names), this.#account);
    const { episodes, failures } = mapItems(items, { id: itemId, map, raw: (item) => namedItem(item, names) });
    return { episodes, failures: [...unread, ...failures] };
  }

  /** Items as dead letters keep them. */
  async named(items: readonly UnnamedItem[], signal: AbortSignal): Promise<readonly Fields[]> {
    const names = await this.#namesOf(items, signal);
    return items.map((item) => namedItem(item, names));
  }

  /** Names are waited for: a page is not sent without them because Freshdesk is down. A missing right leaves them out. */
  async #namesOf(items: readonly UnnamedItem[], signal: AbortSignal): Promise<KnownNames> {
    const uses = (known: KnownNames) => items.map((item) => namedItem(item, known)).length > 0;
    // A rating names its ticket, and the ticket names its customer.
    const { names, error } = await this.#directory.namesFor({ uses, most: mostNamesOfAPage, rounds: 2, signal });
    if (error !== undefined && (error.retryable || isProviderError(error, "unauthorized"))) throw error;
    return names;
  }
}
