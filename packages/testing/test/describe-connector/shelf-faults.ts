import { mapItems } from "@statewave-connectors/connector-sdk";
import type { Book, ShelfCursor, ShelfFault } from "./shelf-connector.ts";

const failed = "reads every other item when it cannot map one, and lists that one as failed";
const mapped = "maps a raw item to the episodes that a page has of it";
const unmappable = "throws for a raw item that it cannot map";
const fetched = "fetches an item by its id as a page has it raw, and nothing for an id that is gone";
const ranged = "yields in a range what a walk yields there, as the same episodes";
const resumed = "resumes a range from every cursor of it without a gap";
const divided = "divides a range and a cursor into the streams that it names";
const seeded = "begins where it is seeded";

/** Possible mistakes in what a pull may have, and for each the case that must notice. */
export const shelfFaults: readonly ShelfFault[] = [
  {
    mistake: "was made for another contract",
    noticedBy: "is made for the contract of this release",
    parts: () => ({ contract: 2 }),
  },
  {
    mistake: "does not say what a right is for",
    noticedBy: "declares each right once, with its name and what it is for",
    parts: () => ({ rights: [{ name: "shelf:read", for: "" }] }),
  },
  {
    mistake: "declares a right twice",
    noticedBy: "declares each right once, with its name and what it is for",
    parts: () => ({
      rights: [
        { name: "shelf:read", for: "titles" },
        { name: "shelf:read", for: "authors" },
      ],
    }),
  },
  {
    mistake: "lets one item cost the page",
    noticedBy: failed,
    parts: (sound) => ({
      toPage: (books, context) => ({ episodes: books.flatMap((book) => sound.map(book, context)) }),
    }),
  },
  {
    mistake: "drops the page of a broken item",
    noticedBy: failed,
    parts: (sound) => ({
      toPage(books, context) {
        const page = sound.toPage(books, context);
        return page.failures?.length === 0 ? page : { episodes: [] };
      },
    }),
  },
  {
    mistake: "says nothing of a broken item",
    noticedBy: failed,
    parts: (sound) => ({ toPage: (books, context) => ({ episodes: sound.toPage(books, context).episodes }) }),
  },
  {
    mistake: "gives a broken item no id",
    noticedBy: failed,
    parts: (sound) => ({
      toPage: (books, context) => mapItems(books, { id: () => "", map: (book) => sound.map(book, context) }),
    }),
  },
  {
    mistake: "gives a broken item another id on each walk",
    noticedBy: failed,
    parts: (sound) => {
      let count = 0;
      return {
        toPage: (books, context) =>
          mapItems(books, { id: () => `item ${(count += 1)}`, map: (book) => sound.map(book, context) }),
      };
    },
  },
  {
    mistake: "keeps the token with a broken item",
    noticedBy: failed,
    parts: (sound) => ({
      toPage(books, context) {
        const { episodes, failures = [] } = sound.toPage(books, context);
        return { episodes, failures: failures.map((each) => ({ ...each, raw: { headers: { authorization: "t0k3n" } } })) };
      },
    }),
  },
  {
    mistake: "makes something up for a broken item",
    noticedBy: failed,
    parts: (sound) => ({
      map: (raw, context) => sound.map({ ...(raw as Book), title: (raw as Book).title ?? "untitled" }, context),
    }),
  },
  {
    mistake: "maps raw items to other keys",
    noticedBy: mapped,
    parts: (sound) => {
      let isPage = false;
      return {
        toPage(books, context) {
          isPage = true;
          const page = mapItems(books, { id: ({ id }) => id, map: (book) => sound.map(book, context) });
          isPage = false;
          return page;
        },
        map: (raw, context) =>
          sound.map(raw, context).map((episode) => ({ ...episode, idempotency_key: isPage ? episode.idempotency_key : "other" })),
      };
    },
  },
  {
    mistake: "requests something while it maps",
    noticedBy: mapped,
    parts: (sound) => ({
      map(raw, context) {
        void context.fetch("http://shelf.invalid/names");
        return sound.map(raw, context);
      },
    }),
  },
  {
    mistake: "maps some raw items to nothing",
    noticedBy: mapped,
    parts: (sound) => ({
      toPage: (books, context) => mapItems(books, { id: ({ id }) => id, map: (book) => sound.map(book, context) }),
      map: (raw, context) => ((raw as Book).id === "book 3" ? [] : sound.map(raw, context)),
    }),
  },
  {
    mistake: "takes what it cannot map for nothing",
    noticedBy: unmappable,
    parts: (sound) => ({
      map(raw, context) {
        try {
          return sound.map(raw, context);
        } catch {
          return [];
        }
      },
    }),
  },
  {
    mistake: "fetches items in another form",
    noticedBy: fetched,
    parts: (sound) => ({ fetchItem: async (books, id) => ({ book: await sound.fetchItem(books, id) }) }),
  },
  {
    mistake: "fetches another item for one that is gone",
    noticedBy: fetched,
    parts: (sound) => ({ fetchItem: async (books, id) => (await sound.fetchItem(books, id)) ?? books[0] }),
  },
  {
    mistake: "leaves out the first instant of a range",
    noticedBy: ranged,
    parts: (sound) => ({ inRange: (book, range) => sound.inRange(book, range) && book.at > range.since }),
  },
  {
    mistake: "takes the stream for a range of time",
    noticedBy: ranged,
    parts: () => ({ inRange: (book) => book.shelf === "novels" }),
  },
  {
    mistake: "yields everything in every range",
    noticedBy: ranged,
    parts: () => ({ inRange: () => true }),
  },
  {
    mistake: "gives the episodes of a range keys of their own",
    noticedBy: ranged,
    parts: (sound) => ({
      async *rangePages(books, from, context) {
        for await (const page of sound.rangePages(books, from, context))
          yield {
            ...page,
            episodes: page.episodes.map((each) => ({ ...each, idempotency_key: `range ${each.idempotency_key}` })),
          };
      },
    }),
  },
  {
    mistake: "begins a range anew from every cursor",
    noticedBy: resumed,
    parts: (sound) => ({ rangePages: (books, _, context) => sound.rangePages(books, 0, context) }),
  },
  {
    mistake: "loses a book at every cursor of a range",
    noticedBy: resumed,
    parts: (sound) => ({
      rangePages: (books, from, context) => sound.rangePages(books, from === 0 ? 0 : from + 1, context),
    }),
  },
  {
    mistake: "yields a range without cursors",
    noticedBy: resumed,
    parts: (sound) => ({
      async *rangePages(books, from, context) {
        for await (const { episodes } of sound.rangePages(books, from, context)) yield { episodes };
      },
    }),
  },
  {
    mistake: "names a stream twice",
    noticedBy: divided,
    parts: () => ({ streams: () => ["novels", "poems", "novels"] }),
  },
  {
    mistake: "forgets a stream",
    noticedBy: divided,
    parts: () => ({ streams: () => ["novels"] }),
  },
  {
    mistake: "resets all streams instead of one",
    noticedBy: divided,
    parts: () => ({ reset: () => ({ novels: "", poems: "" }) }),
  },
  {
    mistake: "resets nothing",
    noticedBy: divided,
    parts: () => ({ reset: (cursor) => cursor }),
  },
  {
    mistake: "resets a stream that it does not have",
    noticedBy: divided,
    parts: () => ({ reset: (cursor, stream) => ({ ...cursor, [stream]: "" }) }),
  },
  {
    mistake: "ignores the stream of a range",
    noticedBy: divided,
    parts: (sound) => ({ inRange: (book, { since, until }) => sound.inRange(book, { since, until }) }),
  },
  {
    mistake: "begins at the beginning wherever it is seeded",
    noticedBy: seeded,
    parts: () => ({ seed: () => ({ novels: "", poems: "" }) }),
  },
  {
    mistake: "seeds only one of its streams",
    noticedBy: seeded,
    parts: () => ({ seed: (since): ShelfCursor => ({ novels: since, poems: "" }) }),
  },
  {
    mistake: "seeds itself at the end",
    noticedBy: seeded,
    parts: () => ({ seed: (): ShelfCursor => ({ novels: "9999", poems: "9999" }) }),
  },
  {
    mistake: "seeds by chance",
    noticedBy: seeded,
    parts: () => {
      let count = 0;
      return { seed: (since): ShelfCursor => ({ novels: since, poems: since, count: (count += 1) }) as ShelfCursor };
    },
  },
];
