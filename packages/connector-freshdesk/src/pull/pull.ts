import type { ConnectorContext, Episode, Page, PullRange, PullSource } from "@statewave-connectors/connector-sdk";
import type { ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { firstSyncSinceMs } from "@statewave-connectors/connector-sdk/options";
import { fromInstant, joinPages, pagesWithin, type PartPage, toInstant } from "@statewave-connectors/connector-sdk/paging";
import { checkPull } from "../check.ts";
import { openClient } from "../client.ts";
import { internalNote } from "../episodes/conversation-episode.ts";
import { toEpisodes } from "../episodes/to-episode.ts";
import type { FreshdeskPullOptions } from "../pull-options.ts";
import { Conversations } from "./conversations.ts";
import { cursors, isRatingsState, type Position, type State, type Stream, streams } from "./cursor.ts";
import { type Directory, openDirectory } from "./directory.ts";
import { fetchItem } from "./fetch-item.ts";
import { ItemPages } from "./item-pages.ts";
import { newRatings, settleMs } from "./ratings-walk.ts";
import { ticketPages } from "./ticket-pages.ts";

/** Freshdesk was founded in 2010. Without a date it lists the last 30 days only. */
const beginning = "2010-01-01T00:00:00Z";

/** Ratings that were last read longer ago than this are read by any run. */
const ratingsWaitForMs = 60 * 60_000;

/** One reading: of what is new, or of a range. */
interface Reading {
  readonly from: Position | undefined;
  readonly reader: ReturnType<(typeof cursors)["reader"]>;
  /** Where a stream begins that has no state. */
  readonly since: string;
  readonly range: PullRange | undefined;
  readonly signal: AbortSignal;
}

/** Opens a `[[pull.freshdesk]]` entry. */
export function openPull(options: FreshdeskPullOptions, context: ConnectorContext): PullSource {
  return new FreshdeskSource(options, context);
}

class FreshdeskSource implements PullSource {
  readonly #options: FreshdeskPullOptions;
  readonly #context: ConnectorContext;
  readonly #client: ProviderClient;
  readonly #directory: Directory;
  readonly #namePagesRead: () => number;
  readonly #items: ItemPages;
  readonly #conversations: Conversations;
  readonly #reader: Reading["reader"];

  constructor(options: FreshdeskPullOptions, context: ConnectorContext) {
    this.#options = options;
    this.#context = context;
    this.#client = openClient(options, context);
    const { directory, pagesRead } = openDirectory(this.#client, context);
    this.#directory = directory;
    this.#namePagesRead = pagesRead;
    this.#items = new ItemPages(options, this.#directory);
    this.#conversations = new Conversations(this.#client);
    this.#reader = this.#newReader();
  }

  /** Without `internal_notes` a retry yields no note either: a thread holds all of a ticket's, and a letter may be older than the option. */
  map(raw: unknown): readonly Episode[] {
    const episodes = toEpisodes(raw, this.#options);
    return this.#options.internal_notes ? episodes : episodes.filter(({ kind }) => kind !== internalNote);
  }

  pages(stored: string | undefined, signal: AbortSignal): AsyncIterable<Page> {
    const from = this.#parse(stored);
    const sinceMs = firstSyncSinceMs(this.#options.since_default, this.#context.clock.now());
    const since = from?.beside.since ?? (sinceMs === undefined ? beginning : toInstant(sinceMs));
    return this.#read({ from, reader: this.#reader, since, range: undefined, signal });
  }

  range(range: PullRange, stored: string | undefined, signal: AbortSignal): AsyncIterable<Page> {
    // Whatever happened in the range changed its ticket then, or later.
    const since = toInstant(Date.parse(range.since));
    return pagesWithin(this.#read({ from: this.#parse(stored), reader: this.#newReader(), since, range, signal }), range);
  }

  check(signal: AbortSignal) {
    return checkPull(this.#client, this.#options, signal);
  }

  async fetchItem(id: string, signal: AbortSignal): Promise<unknown> {
    const items = await fetchItem(id, { client: this.#client, conversations: this.#conversations, signal });
    if (items === undefined) return undefined;
    const named = await this.#items.named(items, signal);
    return named.length === 1 ? named[0] : { of: "thread", items: named };
  }

  #newReader(): Reading["reader"] {
    return cursors.reader({ parts: "streams", ...this.#context });
  }

  #parse(stored: string | undefined): Position | undefined {
    const position = cursors.parse(stored, this.#context);
    const { domain } = position?.beside ?? {};
    if (domain === undefined || domain === this.#options.domain) return position;
    throw cursors.invalid(`belongs to the account ${domain}, and the entry reads ${this.#options.domain}`, this.#context);
  }

  #read(reading: Reading): AsyncIterable<Page> {
    const { from, reader, range, signal } = reading;
    this.#directory.tryAgain();
    const { domain } = this.#options;
    const { since, ratingsReadAt } = from?.beside ?? {};
    const areRatingsDue = range !== undefined || !this.#areRatingsRecent(from);
    let readAt: string | undefined;
    let hasNews = false;
    const mayWait = areRatingsDue && this.#mayRatingsWait(reading);
    const namePagesBefore = this.#namePagesRead();
    return reader.pages({
      // Only behind the tickets it is known whether names had to be read.
      from: mayWait && from !== undefined ? { ...from, turn: "tickets" } : from,
      parts: [...streams.of(this.#options, range?.stream)].map((name) => ({ id: name, name })),
      isDue: ({ id }) => id !== "ratings" || areRatingsDue,
      readPart: ({ id }, state) =>
        id === "ratings" && mayWait && this.#namePagesRead() - namePagesBefore > 1
          ? noPages()
          : thenAtEnd(this.#readStream(id, state, reading), () => {
              if (id === "ratings") readAt = toInstant(this.#context.clock.now());
            }),
      beside: ({ episodes }) => {
        hasNews ||= episodes.length > 0;
        // A run without news leaves the cursor as it is.
        const at = hasNews ? (readAt ?? ratingsReadAt) : ratingsReadAt;
        return {
          domain,
          ...(since !== undefined && { since }),
          ...(at !== undefined && { ratingsReadAt: at }),
          ...(readAt === undefined && (mayWait || from?.beside.ratingsWait === true) && { ratingsWait: true }),
        };
      },
      signal,
    });
  }

  /** Behind the lists of names they may wait for the next run, once, and not for long. */
  #mayRatingsWait({ from, range }: Reading): boolean {
    const { ratings } = from?.states ?? {};
    const isWhole = ratings !== undefined && isRatingsState(ratings) && ratings.offset === undefined;
    const agoMs = this.#context.clock.now() - fromInstant(from?.beside.ratingsReadAt ?? "");
    return range === undefined && isWhole && agoMs < ratingsWaitForMs && from?.beside.ratingsWait !== true;
  }

  /** Ratings are read ten minutes late anyway, and webhooks may trigger a run every few seconds. */
  #areRatingsRecent(from: Position | undefined): boolean {
    const { ratings } = from?.states ?? {};
    const isWhole = ratings !== undefined && isRatingsState(ratings) && ratings.offset === undefined;
    const agoMs = this.#context.clock.now() - fromInstant(from?.beside.ratingsReadAt ?? "");
    return isWhole && agoMs >= 0 && agoMs < settleMs;
  }

  #readStream(stream: Stream, state: State | undefined, reading: Reading): AsyncIterable<PartPage<State>> {
    if (stream === "ratings") return this.#readRatings(state, reading);
    const from = state === undefined || isRatingsState(state) ? { since: reading.since, seen: {} } : state;
    const { range, signal } = reading;
    return ticketPages(
      {
        client: this.#client,
        context: this.#context,
        options: this.#options,
        conversations: this.#conversations,
        directory: this.#directory,
        items: this.#items,
        firstSince: reading.since,
        range,
        signal,
      },
      from,
    );
  }

  async *#readRatings(stored: State | undefined, { since, signal }: Reading): AsyncGenerator<PartPage<State>, void, undefined> {
    const from = stored !== undefined && isRatingsState(stored) ? stored : { createdSince: since, seen: {} };
    for await (const { ratings, failures, state } of newRatings(this.#client, from, signal)) {
      const items = ratings.map((rating) => ({ of: "rating", rating }) as const);
      const page = joinPages([await this.#items.page(items, failures, signal)]);
      yield { ...page, state, isQuiet: page.episodes.length === 0 && page.failures === undefined };
    }
  }
}

/** Of a part that waits for the next run. */
async function* noPages(): AsyncGenerator<never, void, undefined> {}

/** The pages, and what follows when all of them were taken. */
async function* thenAtEnd<Item>(pages: AsyncIterable<Item>, act: () => void): AsyncGenerator<Item, void, undefined> {
  yield* pages;
  act();
}
