import {
  type CheckResult,
  type ConfigSchema,
  type ConnectorContext,
  ConnectorsError,
  defineConnector,
  type Episode,
  isConnectorsError,
  idempotencyKey,
  type Page,
  type PullSource,
} from "@statewave-connectors/connector-sdk";
import { readResponseText } from "@statewave-connectors/connector-sdk/http";
import type { ConnectorSubject } from "../../src/index.ts";

export interface Item {
  readonly n: number;
  readonly text: string;
}

/** What an entry works with. On the machine `shelf` holds what is read; on the network the provider does. */
export interface Entry {
  readonly context: ConnectorContext;
  readonly token: string;
  readonly shelf: readonly Item[] | undefined;
}

/** The parts of a sound pull, for faults to replace. */
export interface Parts {
  parseCursor(cursor: string | undefined): number;
  formatCursor(after: number): string;
  /** The items behind number `after`, at most a page of them. */
  ask(entry: Entry, after: number, signal: AbortSignal): Promise<readonly Item[]>;
  request(token: string): RequestInit;
  readText(response: Response): Promise<string>;
  read(text: string): readonly Item[];
  toError(response: Response, nowMs: number): ConnectorsError;
  networkError(cause: unknown): unknown;
  toEpisode(item: Item): Episode;
  pages(entry: Entry, after: number, signal: AbortSignal): AsyncIterable<Page>;
  check(entry: Entry, signal: AbortSignal): Promise<readonly CheckResult[]>;
  /** Of what surrounds them. */
  wrap(sound: PullSource, entry: Entry): PullSource;
}

export interface Fault {
  readonly mistake: string;
  readonly noticedBy: string;
  /** Of a source without a network. */
  readonly onMachine?: boolean;
  /** It declares that it reads one page ahead. */
  readonly readsAhead?: boolean;
  /** `parts` are the replaced ones, complete. */
  readonly parts: (sound: Parts, parts: () => Parts) => Partial<Parts>;
}

export const pageSize = 10;
const items: readonly Item[] = Array.from({ length: 45 }, (_, at) => ({ n: at + 1, text: `item ${at + 1}` }));

function failure(code: string, options: { retryable?: boolean; hint?: string; retryAtMs?: number; cause?: unknown } = {}) {
  return new ConnectorsError({ code: `TINY_${code}`, message: code.toLowerCase(), ...options });
}

function soundParts(parts: () => Parts): Parts {
  return {
    parseCursor(cursor) {
      if (cursor === undefined) return 0;
      const [, after] = /^tiny:(\d{1,9})$/.exec(cursor) ?? [];
      if (after === undefined) throw failure("CURSOR_INVALID", { hint: "delete it" });
      return Number(after);
    },
    formatCursor: (after) => `tiny:${after}`,
    async ask({ context, token, shelf }, after, signal) {
      if (shelf !== undefined) return shelf.filter(({ n }) => n > after).slice(0, pageSize);
      let response: Response;
      let text: string;
      try {
        response = await context.fetch(`http://tiny.invalid/?after=${after}`, { ...parts().request(token), signal });
        text = await parts().readText(response);
      } catch (error) {
        signal.throwIfAborted();
        throw parts().networkError(error);
      }
      if (!response.ok) throw parts().toError(response, context.clock.now());
      return parts().read(text);
    },
    request: (token) => ({ headers: { authorization: token }, redirect: "error" }),
    readText: async (response) => (await readResponseText(response, 16 * 1024 * 1024)) ?? "",
    read(text) {
      try {
        const found: unknown = JSON.parse(text);
        if (Array.isArray(found)) return found as readonly Item[];
      } catch (cause) {
        throw failure("BAD_ANSWER", { retryable: true, hint: "check the proxy", cause });
      }
      throw failure("BAD_ANSWER", { retryable: true, hint: "check the proxy" });
    },
    toError({ status, headers }, nowMs) {
      if (status === 429) return failure("LIMITED", { retryAtMs: nowMs + Number(headers.get("retry-after")) * 1000 });
      return status === 401
        ? failure("UNAUTHORIZED", { hint: "set `token`" })
        : failure("AWAY", { retryable: status >= 500, hint: "look for it" });
    },
    networkError: (cause) => failure("AWAY", { retryable: true, cause }),
    toEpisode: ({ n, text }) => ({
      subject: "tiny:all",
      kind: "tiny.item.found",
      text,
      occurred_at: "2025-01-01T00:00:00Z",
      source: { type: "tiny.item", id: String(n) },
      idempotency_key: idempotencyKey("tiny", n),
    }),
    async *pages(entry, start, signal) {
      let after = start;
      for (;;) {
        signal.throwIfAborted();
        const found = await parts().ask(entry, after, signal);
        if (found.length === 0) return;
        after = found.at(-1)!.n;
        yield { episodes: found.map((item) => parts().toEpisode(item)), cursor: parts().formatCursor(after) };
      }
    },
    async check(entry, signal) {
      try {
        const found = await parts().ask(entry, 0, signal);
        return [{ ok: found.length > 0, message: `${found.length} items` }];
      } catch (error) {
        return [{ ok: false, message: String(error), ...(isConnectorsError(error) ? { error } : {}) }];
      }
    },
    wrap: (sound) => sound,
  };
}

/** A pull on the suite, sound but for the fault. */
export function tinySubject(onMachine = false, fault?: Fault): ConnectorSubject {
  const get = (): Parts => parts;
  const sound = soundParts(get);
  const parts: Parts = { ...sound, ...fault?.parts(sound, get) };
  const shelves = new Map<unknown, Item[]>();
  const source = (entry: Entry): PullSource => ({
    pages: (cursor, signal) => walk(parts, entry, cursor, signal),
    check: (signal) => parts.check(entry, signal),
  });
  return {
    connector: defineConnector<{ token: string; shelf: unknown }>({
      kind: "tiny",
      version: "0.0.0",
      pull: {
        config: anything as ConfigSchema<{ token: string; shelf: unknown }>,
        open({ token, shelf }, context) {
          const entry: Entry = { context, token, shelf: onMachine ? (shelves.get(shelf) ?? []) : undefined };
          return parts.wrap(source(entry), entry);
        },
      },
    }),
    provider: onMachine
      ? "none"
      : {
          maxRequestsPerPage: 1,
          readsAhead: fault?.readsAhead === true,
          rateLimited: () => new Response("", { status: 429, headers: { "retry-after": "30" } }),
          unauthorized: () => new Response("", { status: 401 }),
        },
    open() {
      const shelf = [...items];
      shelves.set("shelf", shelf);
      return {
        options: { token: "t0k3n", shelf: "shelf" },
        brokenOptions: { token: "", shelf: "missing" },
        maxEpisodesPerPage: pageSize,
        fetch: provide,
        changeLast() {
          shelf[shelf.length - 1] = { ...shelf.at(-1)!, text: "changed" };
          return "changed";
        },
      };
    },
  };
}

async function* walk(parts: Parts, entry: Entry, cursor: string | undefined, signal: AbortSignal): AsyncGenerator<Page> {
  yield* parts.pages(entry, parts.parseCursor(cursor), signal);
}

/** The provider, as far away as `fetch`. */
const provide: typeof globalThis.fetch = (input) => {
  const after = Number(new URL(input instanceof Request ? input.url : input).searchParams.get("after"));
  return Promise.resolve(Response.json(items.filter(({ n }) => n > after).slice(0, pageSize)));
};

const anything: ConfigSchema = { "~standard": { version: 1, vendor: "tiny", validate: (value) => ({ value }) } };
