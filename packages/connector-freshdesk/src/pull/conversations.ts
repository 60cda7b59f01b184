import { isProviderError, path, type ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { type ListPage, mayBeOfOneItem, pageNumberPages, requestInBatches } from "@statewave-connectors/connector-sdk/paging";
import { freshdesk } from "../client.ts";
import { hasNextPage } from "../next-page.ts";
import { Rows, type TicketRow } from "../rows.ts";

interface ConversationsRead {
  readonly items: readonly unknown[];
  readonly hasMore: boolean;
}

type ConversationsPage = ListPage<ConversationsRead, number>;

/** The conversations of one ticket. */
export interface Thread {
  readonly ticket: TicketRow;
  /** Page by page: a ticket may have thousands. */
  readonly pages: AsyncIterable<Pick<ConversationsPage, "items" | "failures">>;
  /** Why there are none: Freshdesk answers for other tickets, and not for this one. */
  readonly error?: unknown;
}

/** One after the other they would take longer than the limits of large plans allow. */
const ticketsAtOnce = 5;

/** Reads conversations, and knows a ticket whose conversations can be read. */
export class Conversations {
  readonly #client: ProviderClient;
  #answered: string | undefined;

  constructor(client: ProviderClient) {
    this.#client = client;
  }

  /** The conversations of each ticket. A ticket that Freshdesk cannot answer for keeps no other one from being read. */
  async *of(tickets: readonly TicketRow[], signal: AbortSignal): AsyncGenerator<Thread, void, undefined> {
    const known = this.#answered;
    const batches = requestInBatches({
      ids: tickets,
      sizes: [ticketsAtOnce, 1],
      signal,
      request: (batch) => this.#openAll(batch, signal),
      isOverloaded: mayBeOfOneItem,
      ...(known !== undefined && { probe: () => this.#open(known, signal) }),
    });
    for await (const { ids, answer, failures } of batches) {
      for (const [at, ticket] of ids.entries()) yield { ticket, pages: answer?.[at] ?? noConversations(), ...failures[0] };
    }
  }

  /** All conversations of one ticket. */
  async all(ticketId: string, signal: AbortSignal): Promise<readonly unknown[]> {
    const rows: unknown[] = [];
    for await (const { items } of this.#pages(ticketId, signal)) rows.push(...items);
    return rows;
  }

  /** Waits for all of them, so that no request outlives the run. */
  async #openAll(tickets: readonly TicketRow[], signal: AbortSignal): Promise<readonly Thread["pages"][]> {
    const opened = await Promise.allSettled(tickets.map(({ id }) => this.#open(id, signal)));
    return opened.map((each) => {
      if (each.status === "rejected") throw each.reason;
      return each.value;
    });
  }

  /** Requests the first page, so that a ticket without an answer is known before anything of it is yielded. */
  async #open(ticketId: string, signal: AbortSignal): Promise<Thread["pages"]> {
    const pages = this.#pages(ticketId, signal);
    try {
      const first = await pages.next();
      this.#answered = ticketId;
      return first.done === true ? noConversations() : startingWith(first.value, pages);
    } catch (error) {
      // The ticket was deleted after it was listed.
      if (isProviderError(error, "not_found") || isProviderError(error, "gone")) return noConversations();
      throw error;
    }
  }

  #pages(ticketId: string, signal: AbortSignal): AsyncGenerator<ConversationsPage, void, undefined> {
    return pageNumberPages({
      ...freshdesk,
      list: `conversations of ticket ${ticketId}`,
      signal,
      fetchPage: (page, size) => this.#page(ticketId, page, size, signal),
      failedId: (offset) => `tickets/${ticketId}/conversations (number ${offset + 1})`,
    });
  }

  async #page(ticketId: string, page: number, size: number, signal: AbortSignal): Promise<ConversationsRead> {
    const query = { page, per_page: size };
    const answer = await this.#client.get(path`tickets/${ticketId}/conversations`, { query, schema: Rows, signal });
    return { items: answer.body, hasMore: hasNextPage(this.#client, answer, { page, size }) };
  }
}

export async function* noConversations(): AsyncGenerator<never, void, undefined> {}

async function* startingWith(first: ConversationsPage, rest: AsyncIterable<ConversationsPage>) {
  yield first;
  yield* rest;
}
