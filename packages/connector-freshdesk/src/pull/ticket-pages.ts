import type { FailedItem, Page, PullRange } from "@statewave-connectors/connector-sdk";
import { toFields } from "@statewave-connectors/connector-sdk/items";
import { fromInstant, joinPages, type PageContents, type PartPage } from "@statewave-connectors/connector-sdk/paging";
import type { FreshdeskPullOptions } from "../pull-options.ts";
import { briefOf, type TicketRow } from "../rows.ts";
import { type Conversations, noConversations, type Thread } from "./conversations.ts";
import type { TicketsState } from "./cursor.ts";
import type { Directory } from "./directory.ts";
import type { ItemPages } from "./item-pages.ts";
import type { UnnamedItem } from "./named-items.ts";
import { changedTickets, type TicketsReading } from "./tickets-walk.ts";

/** A page ends behind so many tickets, or items: a limit that ends the run in the middle of a list costs no more requests than that. */
const ticketsPerPage = 10;
const itemsPerPage = 100;

/** What tickets are read with. */
export interface TicketPagesReading extends TicketsReading {
  readonly options: Pick<FreshdeskPullOptions, "conversations" | "internal_notes">;
  readonly conversations: Conversations;
  readonly directory: Directory;
  readonly items: ItemPages;
  /** Tickets that were made behind it have nothing in it. */
  readonly range: PullRange | undefined;
}

/** The tickets that changed, each with its conversations. */
export async function* ticketPages(
  reading: TicketPagesReading,
  from: TicketsState,
): AsyncGenerator<PartPage<TicketsState>, void, undefined> {
  const { items, directory, signal } = reading;
  for await (const list of changedTickets(reading, from)) {
    const { shown, skipped } = sortOut(list.rows, reading);
    for (const row of shown) directory.learn("ticket", row.id, briefOf(row));
    const batch = new Batch(reading, list.failures);
    const done: TicketRow[] = [];
    for await (const thread of threadsOf(shown, reading)) {
      batch.open(thread);
      for await (const { items: rows, failures } of thread.pages) {
        batch.add(thread.ticket, rows, failures);
        if (batch.size >= itemsPerPage) yield { ...(await batch.flush(items, signal)), state: list.stateWithin(done) };
      }
      done.push(thread.ticket);
      const isLast = done.length === shown.length;
      if (!isLast && done.length % ticketsPerPage === 0)
        yield { ...(await batch.flush(items, signal)), state: list.stateWithin(done), ...readTo(thread.ticket.updated_at) };
    }
    const page = joinPages([await batch.flush(items, signal), { episodes: [], skipped }]);
    yield { ...page, state: list.state, isQuiet: isEmpty(page), ...readTo(list.rows.at(-1)?.updated_at) };
  }
}

/** Tickets are listed in the order of their last changes, and not counted. */
function readTo(at: string | undefined): Pick<Page, "progress"> {
  return at === undefined ? {} : { progress: { readTo: at } };
}

/** Leaves out spam, and what cannot be in the range. */
function sortOut(rows: readonly TicketRow[], { range }: TicketPagesReading) {
  const untilMs = range === undefined ? Infinity : fromInstant(range.until);
  const shown = rows.filter((row) => !isSpam(row) && !(createdMs(row) >= untilMs));
  const spam = rows.filter((row) => isSpam(row)).length;
  return { shown, skipped: { spam } };
}

function isSpam({ spam }: TicketRow): boolean {
  return spam === true;
}

function createdMs({ created_at: at }: TicketRow): number {
  return typeof at === "string" ? fromInstant(at) : Number.NaN;
}

async function* threadsOf(
  tickets: readonly TicketRow[],
  { options, conversations, signal }: TicketPagesReading,
): AsyncGenerator<Thread, void, undefined> {
  if (options.conversations) yield* conversations.of(tickets, signal);
  else for (const ticket of tickets) yield { ticket, pages: noConversations() };
}

/** The items of the next page. */
class Batch {
  readonly #hasNotes: boolean;
  #items: UnnamedItem[] = [];
  #unread: FailedItem[];
  #privateNotes = 0;

  constructor({ options }: TicketPagesReading, unread: readonly FailedItem[]) {
    this.#hasNotes = options.internal_notes;
    this.#unread = [...unread];
  }

  get size(): number {
    return this.#items.length;
  }

  open({ ticket, error }: Thread): void {
    this.#items.push({ of: "ticket", ticket });
    if (error !== undefined) this.#unread.push({ id: `tickets/${ticket.id}/conversations`, error });
  }

  add(ticket: TicketRow, conversations: readonly unknown[], unread: readonly FailedItem[]): void {
    const wanted = conversations.filter((row) => this.#hasNotes || toFields(row)?.["private"] !== true);
    this.#privateNotes += conversations.length - wanted.length;
    this.#items.push(...wanted.map((conversation) => ({ of: "conversation", ticket, conversation }) as const));
    this.#unread.push(...unread);
  }

  async flush(pages: ItemPages, signal: AbortSignal): Promise<PageContents> {
    const page = await pages.page(this.#items, this.#unread, signal);
    const skipped = { internal_note: this.#privateNotes };
    this.#items = [];
    this.#unread = [];
    this.#privateNotes = 0;
    return joinPages([page, { episodes: [], skipped }]);
  }
}

function isEmpty({ episodes, failures, skipped }: PageContents): boolean {
  return episodes.length === 0 && failures === undefined && skipped === undefined;
}
