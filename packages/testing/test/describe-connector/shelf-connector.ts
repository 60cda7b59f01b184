import {
  type ConfigSchema,
  type Connector,
  type ConnectorContext,
  ConnectorsError,
  defineConnector,
  type Episode,
  idempotencyKey,
  mapItems,
  type Page,
  type PullRange,
  type PullSource,
  type Right,
} from "@statewave-connectors/connector-sdk";
import type { ConnectorSubject } from "../../src/index.ts";

/** A book on one of two shelves. */
export interface Book {
  readonly id: string;
  readonly shelf: "novels" | "poems";
  readonly title: string | null;
  readonly at: string;
}

/** By shelf, the time of the last book that was read; empty: none. */
export type ShelfCursor = Readonly<Record<Book["shelf"], string>>;

/** The parts of a sound pull with everything that a pull may have, for faults to replace. */
export interface ShelfParts {
  readonly contract: number;
  readonly rights: readonly Right[];
  map(raw: unknown, context: ConnectorContext): readonly Episode[];
  /** The books of a page. */
  toPage(books: readonly Book[], context: ConnectorContext): Pick<Page, "episodes" | "failures">;
  /** The books of a shelf behind a time. */
  after(books: readonly Book[], shelf: string, at: string): readonly Book[];
  inRange(book: Book, range: PullRange): boolean;
  rangePages(books: readonly Book[], from: number, context: ConnectorContext): AsyncIterable<Page>;
  fetchItem(books: readonly Book[], id: string): Promise<unknown>;
  streams(): readonly string[];
  seed(since: string): ShelfCursor;
  reset(cursor: ShelfCursor, stream: string): ShelfCursor;
  parseCursor(cursor: string | undefined): ShelfCursor;
}

export interface ShelfFault {
  readonly mistake: string;
  readonly noticedBy: string;
  readonly parts: (sound: ShelfParts) => Partial<ShelfParts>;
}

const shelves = ["novels", "poems"] as const;
const pageSize = 4;

function failure(code: string): ConnectorsError {
  return new ConnectorsError({ code: `SHELF_${code}`, message: code.toLowerCase(), hint: "look at the shelf" });
}

function soundParts(parts: () => ShelfParts): ShelfParts {
  return {
    contract: 1,
    rights: [{ name: "shelf:read", for: "reading titles" }],
    map(raw) {
      const { id, shelf, title, at } = raw as Book;
      return [
        {
          subject: `shelf:${shelf}`,
          kind: "shelf.book.added",
          text: title!.trim(),
          occurred_at: at,
          source: { type: "shelf.book", id },
          idempotency_key: idempotencyKey("shelf", id),
        },
      ];
    },
    toPage: (books, context) => mapItems(books, { id: ({ id }) => id, map: (book) => parts().map(book, context) }),
    after: (books, shelf, at) => books.filter((book) => book.shelf === shelf && book.at > at),
    inRange: ({ at, shelf }, { since, until, stream = shelf }) => at >= since && at < until && shelf === stream,
    async *rangePages(books, from, context) {
      for (let at = from; at < books.length; at += pageSize)
        yield { ...parts().toPage(books.slice(at, at + pageSize), context), cursor: String(at + pageSize) };
    },
    fetchItem: async (books, id) => books.find((book) => book.id === id),
    streams: () => shelves,
    seed: (since) => ({ novels: since, poems: since }),
    reset(cursor, stream) {
      if (!(shelves as readonly string[]).includes(stream)) throw failure("STREAM_UNKNOWN");
      return { ...cursor, [stream]: "" };
    },
    parseCursor(cursor) {
      if (cursor === undefined) return { novels: "", poems: "" };
      try {
        return JSON.parse(cursor) as ShelfCursor;
      } catch {
        throw failure("CURSOR_INVALID");
      }
    },
  };
}

async function* walk(
  parts: ShelfParts,
  books: readonly Book[],
  cursor: string | undefined,
  context: ConnectorContext,
): AsyncGenerator<Page> {
  const reached: Record<Book["shelf"], string> = { ...parts.parseCursor(cursor) };
  for (const shelf of shelves) {
    for (;;) {
      const next = parts.after(books, shelf, reached[shelf]).slice(0, pageSize);
      if (next.length === 0) break;
      reached[shelf] = next.at(-1)?.at ?? "";
      yield { ...parts.toPage(next, context), cursor: JSON.stringify(reached) };
    }
  }
}

function connectorOf(parts: ShelfParts, books: readonly Book[]): Connector {
  const open = (_: unknown, context: ConnectorContext): PullSource => ({
    pages: (cursor) => walk(parts, books, cursor, context),
    range: (range, cursor) =>
      parts.rangePages(
        books.filter((book) => parts.inRange(book, range)),
        Number(cursor ?? 0),
        context,
      ),
    map: (raw) => parts.map(raw, context),
    fetchItem: (id) => parts.fetchItem(books, id),
  });
  return defineConnector({
    kind: "shelf",
    version: "1.0.0",
    contract: parts.contract,
    pull: {
      config: anything,
      rights: parts.rights,
      open,
      streams: () => parts.streams(),
      seed: (_, { since }) => JSON.stringify(parts.seed(since)),
      resetStream: (_, cursor, stream) => JSON.stringify(parts.reset(parts.parseCursor(cursor), stream)),
    },
  });
}

/** A pull with everything, sound but for the fault. */
export function shelfSubject(fault?: ShelfFault): ConnectorSubject {
  const get = (): ShelfParts => parts;
  const sound = soundParts(get);
  const parts: ShelfParts = { ...sound, ...fault?.parts(sound) };
  const books: Book[] = Array.from({ length: 24 }, (_, n) => ({
    id: `book ${n}`,
    shelf: n % 3 === 0 ? "poems" : "novels",
    title: `Title ${n} `,
    at: new Date(Date.UTC(2025, 0, 1, n)).toISOString(),
  }));
  const original = [...books];
  return {
    connector: connectorOf(parts, books),
    provider: "none",
    open() {
      books.splice(0, books.length, ...original);
      return {
        options: { token: "t0k3n" },
        maxEpisodesPerPage: pageSize,
        fetch: async () => new Response("{}"),
        breakOne: () => void books.splice(4, 1, { ...original[4]!, title: null }),
        rawItems: () => books.map((book) => ({ id: book.id, raw: book })),
        absentId: "book 99",
      };
    },
  };
}

const anything: ConfigSchema = { "~standard": { version: 1, vendor: "shelf", validate: (value) => ({ value }) } };
