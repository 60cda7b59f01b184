import { ConnectorsError, defineConnector, idempotencyKey, mapItems, type Page } from "@statewave-connectors/connector-sdk";
import { ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { baseUrl } from "@statewave-connectors/connector-sdk/options";
import { cursorCodec } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import type { ConnectorSubject } from "../../src/index.ts";

/** The parts of a sound pull of a feed, for faults to replace. */
export interface FeedParts {
  /** The pages of what is new. */
  toPages(posts: readonly Post[], etag: string | undefined, seen: readonly string[]): Iterable<Page>;
  /** Called before each page. */
  beforePage(fetchFeed: () => Promise<unknown>): Promise<void>;
}

export interface FeedFault {
  readonly mistake: string;
  readonly noticedBy: string;
  readonly parts: (sound: FeedParts) => Partial<FeedParts>;
}

interface Post {
  readonly guid: string;
  readonly title: string;
  readonly at: string;
}

const largestPage = 20;
const options = v.strictObject({ base_url: baseUrl({ example: "https://blog.example.com" }) });
const codec = cursorCodec({
  kind: "feed",
  version: 1,
  schema: v.strictObject({ v: v.literal(1), etag: v.optional(v.string()), seen: v.array(v.string()) }),
});

const soundParts: FeedParts = {
  *toPages(posts, etag, seen) {
    const known = new Set(seen);
    const fresh = posts.filter(({ guid }) => !known.has(guid));
    for (let at = 0; at < fresh.length; at += largestPage) {
      const part = fresh.slice(at, at + largestPage);
      for (const { guid } of part) known.add(guid);
      const isLast = at + largestPage >= fresh.length;
      const cursor = codec.format({ v: 1, seen: [...known], ...(isLast && etag !== undefined ? { etag } : {}) });
      yield { ...mapItems(part, { id: ({ guid }) => guid, map: (post) => [toEpisode(post)] }), cursor };
    }
  },
  beforePage: async () => undefined,
};

function toEpisode({ guid, title, at }: Post) {
  return {
    subject: "feed:all",
    kind: "feed.post.published",
    text: title,
    occurred_at: new Date(at).toISOString(),
    source: { type: "feed.post", id: guid },
    idempotency_key: idempotencyKey("feed", guid),
  };
}

function parseFeed(xml: string): readonly Post[] | undefined {
  if (!xml.includes("<rss") || !xml.trimEnd().endsWith("</rss>")) return undefined;
  const posts = xml.split("<item>").slice(1);
  return posts.map((post) => ({ guid: textOf(post, "guid"), title: textOf(post, "title"), at: textOf(post, "pubDate") }));
}

function textOf(xml: string, tag: string): string {
  return xml.split(`<${tag}>`)[1]?.split(`</${tag}>`)[0] ?? "";
}

function connectorOf(parts: FeedParts) {
  return defineConnector({
    kind: "feed",
    version: "1.0.0",
    pull: {
      config: options,
      open({ base_url: url }, context) {
        const client = new ProviderClient({
          provider: "Feed",
          codePrefix: "FEED",
          entry: '[[pull.feed]] name = "main"',
          baseUrl: url,
          context,
        });
        const headers = { accept: "application/rss+xml" };
        return {
          async *pages(stored, signal) {
            const { etag, seen = [] } = codec.parse(stored, context) ?? {};
            const fetchFeed = () => client.get<string>("/feed.xml", { as: "text", headers, etag, signal });
            const answer = await fetchFeed();
            if (answer.notModified) return;
            const posts = parseFeed(answer.body);
            if (posts === undefined) throw client.badAnswer(answer, "is no feed");
            for (const page of parts.toPages(posts, answer.etag, seen)) {
              signal.throwIfAborted();
              await parts.beforePage(fetchFeed);
              yield page;
            }
          },
          async check(signal) {
            try {
              const { body } = await client.get<string>("/feed.xml", { as: "text", headers, signal });
              return [{ ok: parseFeed(body) !== undefined, message: "the feed is read" }];
            } catch (error) {
              if (!(error instanceof ConnectorsError)) throw error;
              return [{ ok: false, message: error.message, error }];
            }
          },
        };
      },
    },
  });
}

/** A feed: a list that is one answer. */
export function feedSubject(fault?: FeedFault): ConnectorSubject {
  return {
    connector: connectorOf({ ...soundParts, ...fault?.parts(soundParts) }),
    oneAnswer: true,
    provider: {
      maxRequestsPerPage: 1,
      rateLimited: () => new Response("", { status: 429, headers: { "retry-after": "60" } }),
      unauthorized: () => new Response("", { status: 401 }),
    },
    open() {
      const titles = Array.from({ length: 50 }, (_, n) => ({ title: `Post ${n}`, at: new Date(Date.UTC(2025, 0, 1, n)) }));
      return {
        options: { base_url: "https://feed.invalid" },
        maxEpisodesPerPage: largestPage,
        addOne: (at) => void titles.unshift({ title: `Post ${titles.length}`, at }),
        fetch(_, init) {
          const etag = `"${titles.length}"`;
          const isKnown = new Headers(init?.headers).get("if-none-match") === etag;
          const items = titles.map(
            ({ title, at }) => `<item><guid>${title}</guid><title>${title}</title><pubDate>${at.toUTCString()}</pubDate></item>`,
          );
          const headers = { etag, "content-type": "application/rss+xml" };
          const body = `<?xml version="1.0"?><rss version="2.0"><channel>${items.join("")}</channel></rss>`;
          return Promise.resolve(isKnown ? new Response(null, { status: 304, headers }) : new Response(body, { headers }));
        },
      };
    },
  };
}

const oneRequest = "requests its one answer once in a walk, before the first page, and yields pages of a bounded size";

export const feedFaults: readonly FeedFault[] = [
  {
    mistake: "requests the one answer for each page",
    noticedBy: oneRequest,
    parts: () => ({ beforePage: async (fetchFeed) => void (await fetchFeed()) }),
  },
  {
    mistake: "yields one answer as one page, however large",
    noticedBy: oneRequest,
    parts: (sound) => ({
      toPages(...given) {
        const pages = [...sound.toPages(...given)];
        const last = pages.at(-1);
        return last === undefined ? [] : [{ ...last, episodes: pages.flatMap(({ episodes }) => episodes) }];
      },
    }),
  },
  {
    mistake: "stores nothing at the end of its one answer",
    noticedBy: oneRequest,
    parts: (sound) => ({ toPages: (...given) => [...sound.toPages(...given)].map(({ episodes }) => ({ episodes })) }),
  },
];
