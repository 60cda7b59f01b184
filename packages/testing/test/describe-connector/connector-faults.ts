import { ConnectorsError, type Episode, idempotencyKey, isConnectorsError, type Page } from "@statewave-connectors/connector-sdk";
import { readAhead } from "@statewave-connectors/connector-sdk/paging";
import { endingFaults } from "./ending-faults.ts";
import { type Entry, type Fault, pageSize, type Parts } from "./tiny-connector.ts";

const edited = (sound: Parts, change: (episode: Episode) => Partial<Episode>): Partial<Parts> => ({
  toEpisode(item) {
    const episode = sound.toEpisode(item);
    return { ...episode, ...change(episode) };
  },
});

/** The same error but for some fields. */
const remade = (error: ConnectorsError, change: Partial<ConstructorParameters<typeof ConnectorsError>[0]>) =>
  new ConnectorsError({ code: error.code, message: error.message, retryable: error.retryable, ...change });

async function all(sound: Parts, entry: Entry, after: number, signal: AbortSignal): Promise<Page[]> {
  const pages: Page[] = [];
  for await (const page of sound.pages(entry, after, signal)) pages.push(page);
  return pages;
}

const resumes = "resumes from every cursor without a gap, reading again at most the page it belongs to";
export const onePageAhead = "requests no page ahead of the one that was taken, or one where it declares that it reads ahead";
const pageForPage = "yields a page for every page of the provider, none larger, with a cursor to continue from";
const onceEach = "yields every key once, and the same keys on every walk";
const credentials = "calls refused credentials a lasting failure, and says what to do";

/** Not sound unless it is declared. */
export const onePageAheadParts: Fault["parts"] = (sound) => ({
  pages: (entry, after, signal) => readAhead((each) => sound.pages(entry, after, each), signal),
});

const walkFaults: readonly Fault[] = [
  {
    mistake: "holds the whole source in one page",
    noticedBy: pageForPage,
    parts: (sound) => ({
      async *pages(entry, after, signal) {
        const pages = await all(sound, entry, after, signal);
        yield { episodes: pages.flatMap(({ episodes }) => episodes), cursor: sound.formatCursor(45) };
      },
    }),
  },
  {
    mistake: "has a cursor only at the end",
    noticedBy: pageForPage,
    parts: (sound) => ({
      async *pages(entry, after, signal) {
        for await (const { episodes } of sound.pages(entry, after, signal)) yield { episodes };
        yield { episodes: [], cursor: sound.formatCursor(45) };
      },
    }),
  },
  {
    mistake: "remembers more in its cursor than a store keeps",
    noticedBy: "yields no cursor that is larger than a store keeps",
    parts: (sound) => ({
      async *pages(entry, after, signal) {
        for await (const page of sound.pages(entry, after, signal))
          yield { ...page, cursor: page.cursor?.padEnd(1024 * 1024 + 1) ?? "" };
      },
    }),
  },
  ...([{ itemsLeft: -1 }, { itemsLeft: 0.5 }, { readTo: "soon" }, { readTo: "2999-01-01T00:00:00Z" }] as const).map(
    (progress): Fault => ({
      mistake: `reports ${JSON.stringify(progress)} as its progress`,
      noticedBy: "reports what is left, if it does, as a count or as an instant that is not ahead",
      parts: (sound) => ({
        async *pages(entry, after, signal) {
          for await (const page of sound.pages(entry, after, signal)) yield { ...page, progress };
        },
      }),
    }),
  ),
  {
    mistake: "names its kinds after another source",
    noticedBy: "yields sound episodes of its own kind",
    parts: (sound) => edited(sound, () => ({ kind: "other.item.found" })),
  },
  {
    mistake: "makes new keys on every walk",
    noticedBy: onceEach,
    parts: (sound) => {
      let calls = 0;
      return edited(sound, () => ({ idempotency_key: idempotencyKey("tiny", (calls += 1)) }));
    },
  },
  {
    mistake: "gives two things one key",
    noticedBy: onceEach,
    parts: (sound) => edited(sound, ({ source }) => ({ idempotency_key: idempotencyKey("tiny", source.id.length) })),
  },
  {
    mistake: "passes over an item behind each cursor",
    noticedBy: resumes,
    parts: (sound) => ({ formatCursor: (after) => sound.formatCursor(after + 1) }),
  },
  {
    mistake: "goes back two pages",
    noticedBy: resumes,
    parts: (sound) => ({ formatCursor: (after) => sound.formatCursor(Math.max(0, after - 2 * pageSize)) }),
  },
  {
    mistake: "starts again from the beginning",
    noticedBy: resumes,
    parts: (sound) => ({ parseCursor: (cursor) => Math.min(0, sound.parseCursor(cursor)) }),
  },
  {
    mistake: "says the last item again on every walk",
    noticedBy: "yields nothing on a second walk when nothing changed",
    parts: (sound) => ({ parseCursor: (cursor) => Math.max(0, sound.parseCursor(cursor) - 1) }),
  },
  {
    mistake: "asks for all pages before it yields the first",
    noticedBy: onePageAhead,
    parts: (sound) => ({
      async *pages(entry, after, signal) {
        yield* await all(sound, entry, after, signal);
      },
    }),
  },
  {
    mistake: "asks for the next page while one is held, and does not declare it",
    noticedBy: onePageAhead,
    parts: onePageAheadParts,
  },
  {
    mistake: "asks for the next two pages while one is held",
    noticedBy: onePageAhead,
    readsAhead: true,
    parts: (sound) => ({
      async *pages(entry, after, signal) {
        const pages = sound.pages(entry, after, signal)[Symbol.asyncIterator]();
        const waiting = [pages.next()];
        for (;;) {
          const { done, value } = await (waiting.shift() ?? pages.next());
          if (done === true) return;
          while (waiting.length < 2) waiting.push(pages.next());
          yield value;
        }
      },
    }),
  },
  {
    mistake: "reads everything before it yields the first page",
    noticedBy: "reads a page only when the one before was taken",
    onMachine: true,
    parts: (sound) => ({
      async *pages(entry, after, signal) {
        yield* await all(sound, entry, after, signal);
      },
    }),
  },
  {
    mistake: "reports to somebody",
    noticedBy: "fetches nothing",
    onMachine: true,
    parts: (sound) => ({
      async *pages(entry, after, signal) {
        await entry.context.fetch("http://telemetry.invalid/?after=0");
        yield* sound.pages(entry, after, signal);
      },
    }),
  },
  {
    mistake: "asks the provider when it is opened",
    noticedBy: "opens without asking the provider",
    parts: (sound) => ({
      wrap(source, entry) {
        void sound.ask(entry, 0, new AbortController().signal).catch(() => undefined);
        return source;
      },
    }),
  },
];

const limited = "ends at a rate limit, says when it is over, and resumes without a gap";
const whenLimited = (sound: Parts, change: Partial<ConstructorParameters<typeof ConnectorsError>[0]>): Partial<Parts> => ({
  toError: (response, nowMs) =>
    response.status === 429 ? remade(sound.toError(response, nowMs), change) : sound.toError(response, nowMs),
});

const providerFaults: readonly Fault[] = [
  {
    mistake: "does not say when a rate limit is over",
    noticedBy: limited,
    parts: (sound) => whenLimited(sound, { retryable: true }),
  },
  {
    mistake: "says that a rate limit is over already",
    noticedBy: limited,
    parts: (sound) => whenLimited(sound, { retryAtMs: 0 }),
  },
  {
    mistake: "takes seconds for milliseconds",
    noticedBy: limited,
    parts: (sound) => whenLimited(sound, { retryAtMs: Date.UTC(2026, 0, 1) / 1000 }),
  },
  {
    mistake: "ends a limited walk as if it were whole",
    noticedBy: limited,
    parts: (sound) => ({
      async *pages(entry, after, signal) {
        try {
          yield* sound.pages(entry, after, signal);
        } catch (error) {
          if (!isConnectorsError(error, "TINY_LIMITED")) throw error;
        }
      },
    }),
  },
  {
    mistake: "tries refused credentials again and again",
    noticedBy: credentials,
    parts: (sound) => ({
      toError: (response, nowMs) => remade(sound.toError(response, nowMs), { retryable: true, hint: "wait" }),
    }),
  },
  {
    mistake: "does not say what to do about refused credentials",
    noticedBy: credentials,
    parts: (sound) => ({ toError: (response, nowMs) => remade(sound.toError(response, nowMs), {}) }),
  },
  {
    mistake: "gives up on a provider that is down",
    noticedBy: "calls a failing provider a passing failure",
    parts: (sound) => ({ toError: (response, nowMs) => remade(sound.toError(response, nowMs), { retryable: false }) }),
  },
  {
    mistake: "lets fetch's own errors through",
    noticedBy: "calls a failing network a passing failure",
    parts: () => ({ networkError: (error) => error }),
  },
  {
    mistake: "takes nonsense for an empty page",
    noticedBy: "names an answer that makes no sense as such, and takes nothing from it",
    parts: (sound) => ({
      read(text) {
        try {
          return sound.read(text);
        } catch {
          return [];
        }
      },
    }),
  },
  {
    mistake: "lets a parser's error through",
    noticedBy: "names an answer that makes no sense as such, and takes nothing from it",
    parts: () => ({ read: (text) => JSON.parse(text) as [] }),
  },
];

const notFollowed = "takes a redirect to another address for a failure: no credentials go there, and nothing is read there";
const webPage = "calls a web page in place of an answer a failure that passes, and says what to check";
const gone = "calls what is gone or withheld a lasting failure, and says what to do";

const answerFaults: readonly Fault[] = [
  {
    mistake: "takes its token along to wherever a redirect leads",
    noticedBy: notFollowed,
    parts: () => ({ request: (token) => ({ headers: { "x-token": token } }) }),
  },
  {
    mistake: "reads what a redirect leads to",
    noticedBy: notFollowed,
    parts: () => ({ request: (token) => ({ headers: { authorization: token } }) }),
  },
  {
    mistake: "takes a redirect for the end",
    noticedBy: notFollowed,
    parts: (sound) => ({
      request: (token) => ({ ...sound.request(token), redirect: "manual" }),
      async *pages(entry, after, signal) {
        try {
          yield* sound.pages(entry, after, signal);
        } catch (error) {
          if (!isConnectorsError(error, "TINY_AWAY")) throw error;
        }
      },
    }),
  },
  {
    mistake: "reads an answer however long it is",
    noticedBy: "stops reading an answer that does not end, such as a gzip bomb",
    parts: () => ({ readText: (response) => response.text() }),
  },
  {
    mistake: "does not say what to check about a web page",
    noticedBy: webPage,
    parts: (sound) => ({
      read(text) {
        try {
          return sound.read(text);
        } catch (error) {
          throw remade(error as ConnectorsError, {});
        }
      },
    }),
  },
  {
    mistake: "quotes the web page",
    noticedBy: webPage,
    parts: (sound) => ({
      read(text) {
        try {
          return sound.read(text);
        } catch (error) {
          throw remade(error as ConnectorsError, { message: `not JSON: ${text}`, hint: "check the proxy" });
        }
      },
    }),
  },
  {
    mistake: "tries what is gone again and again",
    noticedBy: gone,
    parts: (sound) => ({
      toError: (response, nowMs) => remade(sound.toError(response, nowMs), { retryable: true, hint: "wait" }),
    }),
  },
  {
    mistake: "does not say what to do about what is gone",
    noticedBy: gone,
    parts: (sound) => ({ toError: (response, nowMs) => remade(sound.toError(response, nowMs), {}) }),
  },
  {
    mistake: "repeats all that the provider says",
    noticedBy: "shows of what the provider says in an error only so much as a line takes, without control characters",
    parts: (sound) => {
      let said = "";
      return {
        readText: async (response) => (said = await sound.readText(response)),
        toError: (response, nowMs) => remade(sound.toError(response, nowMs), { message: said }),
      };
    },
  },
];

/** Possible mistakes in a pull, and for each the case that must notice. */
export const connectorFaults: readonly Fault[] = [...walkFaults, ...providerFaults, ...answerFaults, ...endingFaults];
