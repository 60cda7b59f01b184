import type { CheckResult, ConnectorContext, Page, PullRange, PullSource } from "@statewave-connectors/connector-sdk";
import { firstSyncSinceMs } from "@statewave-connectors/connector-sdk/options";
import { pagesWithin, type PartPage, toInstant } from "@statewave-connectors/connector-sdk/paging";
import { checkPull } from "../check.ts";
import { openClient } from "../client.ts";
import { mostTickets, openDirectory } from "../names/directory.ts";
import type { ZendeskPullOptions } from "../pull-options.ts";
import { cursors, isTicketsState, statesSince, type StreamName, streams, type StreamState } from "./cursor.ts";
import { type OpenedEntry, rawTicketMapper } from "./opened-entry.ts";
import { eventPages } from "./events.ts";
import type { Export } from "./export.ts";
import { fetchRawTicket } from "./fetch-raw-ticket.ts";
import { Lead } from "./lead.ts";
import { ticketPages } from "./tickets.ts";

/** Failing look-ups of names are tried so often before their page waits for the next run. */
const attempts = 3;
/** The lead says when a turn ends. */
const pagesPerTurn = 1_000;

/** Opens a `[[pull.zendesk]]` entry. */
export function openPull(options: ZendeskPullOptions, context: ConnectorContext): PullSource {
  return new ZendeskPullSource(options, context);
}

/** Tickets come first, unless so many were read that their events have to follow. */
function turnOf(lead: Lead, stored: string | undefined): string | undefined {
  if (lead.areEventsDue) return "events" satisfies StreamName;
  return lead.isShort ? undefined : stored;
}

class ZendeskPullSource implements PullSource {
  readonly #options: ZendeskPullOptions;
  readonly #context: ConnectorContext;
  readonly #opened: OpenedEntry;
  readonly #reader: ReturnType<typeof cursors.reader>;
  /** Kept from run to run, as what is remembered: a limit ends a first sync every minute. */
  readonly #lead = new Lead(mostTickets);
  readonly map: NonNullable<PullSource["map"]>;

  constructor(options: ZendeskPullOptions, context: ConnectorContext) {
    const client = openClient(options, context, `[[pull.zendesk]] name = "${context.source.name}"`);
    this.#options = options;
    this.#context = context;
    this.#opened = { client, directory: openDirectory(client, context, attempts), scope: options };
    this.#reader = this.#newReader();
    this.map = rawTicketMapper(options);
  }

  pages(stored: string | undefined, signal: AbortSignal): AsyncIterable<Page> {
    return this.#read(this.#reader, stored, undefined, signal);
  }

  range(range: PullRange, stored: string | undefined, signal: AbortSignal): AsyncIterable<Page> {
    return pagesWithin(this.#read(this.#newReader(), stored, range, signal), range);
  }

  fetchItem(id: string, signal: AbortSignal): Promise<unknown> {
    return fetchRawTicket(this.#opened, id, signal);
  }

  check(signal: AbortSignal): Promise<readonly CheckResult[]> {
    return checkPull(this.#opened.client, this.#options, this.#context, signal);
  }

  #newReader() {
    return cursors.reader({ ...this.#context, parts: "streams", pagesPerTurn });
  }

  #read(
    reader: ReturnType<typeof cursors.reader>,
    stored: string | undefined,
    range: PullRange | undefined,
    signal: AbortSignal,
  ): AsyncIterable<Page> {
    const { subdomain, since_default, support_type_scope } = this.#options;
    const from = cursors.parse(stored, this.#context);
    if (from !== undefined && from.beside.subdomain !== subdomain) {
      throw cursors.invalid(`belongs to the account ${from.beside.subdomain}, and the entry reads ${subdomain}`, this.#context);
    }
    this.#opened.directory.tryAgain();
    const nowMs = this.#context.clock.now();
    const sinceMs = range === undefined ? (firstSyncSinceMs(since_default, nowMs) ?? 0) : Date.parse(range.since);
    const scope = support_type_scope === "agent" ? undefined : support_type_scope;
    const lead = range === undefined ? this.#lead : new Lead(mostTickets);
    const read: Export = {
      context: this.#context,
      support_type_scope: scope,
      lead,
      firstSince: toInstant(Math.max(0, sinceMs)),
      range,
    };
    const first = statesSince(sinceMs);
    return reader.pages({
      from: from && { ...from, turn: turnOf(lead, from.turn) },
      parts: [...streams.of(this.#options, range?.stream)].map((name) => ({ id: name, name })),
      readPart: ({ id }, state = first[id]) => this.#readStream(id, state, read, signal),
      beside: () => ({ subdomain }),
      signal,
    });
  }

  #readStream(stream: StreamName, state: StreamState, read: Export, signal: AbortSignal): AsyncIterable<PartPage<StreamState>> {
    if (isTicketsState(state)) return ticketPages(this.#opened, read, state, signal);
    if (stream === "events") return eventPages(this.#opened, read, state, signal);
    throw cursors.invalid(`holds a state of another stream for ${stream}`, this.#context);
  }
}
