import {
  type ConfigSchema,
  type Connector,
  type ConnectorContext,
  ConnectorsError,
  defineConnector,
  type PullSource,
  sleep,
} from "@statewave-connectors/connector-sdk";
import type { KeepFailed, Renewal, RequestRun, SourceStorage } from "@statewave-connectors/connector-sdk/host";
import type { ConnectorSubject } from "../../src/index.ts";
import { FakeClock } from "../../src/fake-clock.ts";

const dayMs = 86_400_000;
const parts = ["north", "south"];

/** What a sound pull does beside its walks, for faults to replace. */
export interface LastingParts {
  order(first: readonly string[]): readonly string[];
  wait(signal: AbortSignal, request: RequestRun, keep: KeepFailed, context: ConnectorContext): Promise<void>;
  maintain(signal: AbortSignal, context: ConnectorContext): Promise<Renewal>;
  count(storage: SourceStorage): Promise<void>;
}

/** A possible mistake, and the case that must notice it. */
export interface LastingFault {
  readonly mistake: string;
  readonly noticedBy: string;
  readonly parts: (sound: LastingParts) => Partial<LastingParts>;
}

function refused(): ConnectorsError {
  return new ConnectorsError({ code: "BELL_UNAUTHORIZED", message: "the bell does not know the token", hint: "set `token`" });
}

function unreadable(): ConnectorsError {
  return new ConnectorsError({ code: "BELL_ITEM_UNMAPPABLE", message: "the bell says something strange" });
}

/** Requests what the provider has to say. */
async function requestNews(signal: AbortSignal, { fetch }: ConnectorContext): Promise<string> {
  const answer = await fetch("http://bell.invalid/news", { signal });
  if (!answer.ok) throw refused();
  return answer.text();
}

/** Takes what the provider said off it. */
async function take(signal: AbortSignal, { fetch }: ConnectorContext): Promise<void> {
  await fetch("http://bell.invalid/taken", { method: "POST", signal });
}

const sound: LastingParts = {
  order: (first) => parts.toSorted((left, right) => Number(first.includes(right)) - Number(first.includes(left))),
  async wait(signal, request, keep, context) {
    for (;;) {
      const said = await requestNews(signal, context);
      if (parts.includes(said)) request(said);
      else {
        await keep([{ id: said, error: unreadable() }]);
        await take(signal, context);
      }
    }
  },
  async maintain(signal, { fetch, clock }) {
    const answer = await fetch("http://bell.invalid/watch", { method: "POST", signal });
    if (!answer.ok) throw refused();
    return { expiresAtMs: clock.now() + 7 * dayMs };
  },
  async count(storage) {
    for (;;) {
      const stored = await storage.get("count");
      const next = String(Number(stored?.value.reveal() ?? 0) + 1);
      if (await storage.compareAndSet("count", next, stored?.version)) return;
    }
  },
};

function openPull(context: ConnectorContext, fault?: LastingFault): PullSource {
  const made: LastingParts = { ...sound, ...fault?.parts(sound) };
  return {
    async *pages(_cursor, _signal, { parts: first = [] } = {}) {
      await made.count(context.storage);
      for (const part of made.order(first)) {
        const episode = { subject: `bell:${part}`, kind: "bell.rang", text: part, occurred_at: "2026-01-01T00:00:00Z" };
        yield { episodes: [{ ...episode, source: { type: "bell", id: part }, idempotency_key: part }], cursor: part };
      }
    },
    wait: (signal, request, keep) => made.wait(signal, request, keep, context),
    maintain: (signal) => made.maintain(signal, context),
  };
}

/** The subject of a connector with this fault; absent: a sound one. */
export function lastingSubject(fault?: LastingFault): ConnectorSubject {
  const config: ConfigSchema = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
  const pull = { config, open: (_: unknown, context: ConnectorContext) => openPull(context, fault) };
  const connector: Connector = defineConnector({ kind: "bell", version: "1.0.0", pull });
  const unauthorized = () => new Response("", { status: 401 });
  return {
    connector,
    provider: { maxRequestsPerPage: 1, rateLimited: () => new Response("", { status: 429 }), unauthorized },
    open() {
      let rung = Promise.withResolvers<void>();
      let isStrange = false;
      const clock = new FakeClock();
      return {
        options: {},
        clock,
        maxEpisodesPerPage: 1,
        parts,
        news: () => rung.resolve(),
        strange() {
          isStrange = true;
          return { isHeld: () => isStrange };
        },
        async fetch(input, init) {
          const { pathname } = new URL(input instanceof Request ? input.url : input);
          if (pathname === "/taken") isStrange = false;
          if (pathname === "/watch" || pathname === "/taken") return new Response("");
          if (isStrange) return new Response("?!");
          const aborted = Promise.withResolvers<never>();
          init?.signal?.addEventListener("abort", () => aborted.reject(init.signal?.reason), { once: true });
          await Promise.race([rung.promise, aborted.promise]);
          rung = Promise.withResolvers();
          return new Response("south");
        },
      };
    },
  };
}

const ended = "ends its wait within two seconds after it is aborted";
const refusedWait = "ends a wait that its provider refuses with an error of its own";
const named = "requests a run for news, and names no part that it does not have";
const kept = "keeps what its wait cannot read before it takes it off its provider";
const renewed = "renews until a time in the future, in milliseconds";
const refusedRenewal = "ends a renewal that its provider refuses with an error of its own";
const stored = "reads what another process stored before it stores a value again";

export const lastingFaults: readonly LastingFault[] = [
  {
    mistake: "reads only the parts that are named",
    noticedBy: "reads the same, whatever parts it is to read first",
    parts: () => ({ order: (first) => (first.length === 0 ? parts : parts.filter((part) => first.includes(part)).slice(0, 1)) }),
  },
  {
    mistake: "fails for a part that it does not have",
    noticedBy: "reads the same, whatever parts it is to read first",
    parts: (before) => ({
      order(first) {
        if (first.some((part) => !parts.includes(part))) throw refused();
        return before.order(first);
      },
    }),
  },
  {
    mistake: "waits on after its abort",
    noticedBy: ended,
    parts: () => ({ wait: (_, ...rest) => sound.wait(new AbortController().signal, ...rest) }),
  },
  {
    mistake: "tries a refused wait again and again",
    noticedBy: refusedWait,
    parts: () => ({
      async wait(signal, request, _, context) {
        while (!signal.aborted) await requestNews(signal, context).then(request, () => undefined);
      },
    }),
  },
  {
    mistake: "hides that its wait is refused",
    noticedBy: refusedWait,
    parts: () => ({
      async wait(signal, request, keep, context) {
        await sound.wait(signal, request, keep, context).catch(() => sleep(context.clock, dayMs, signal));
      },
    }),
  },
  {
    mistake: "returns when its wait is refused",
    noticedBy: refusedWait,
    parts: () => ({ wait: (...given) => sound.wait(...given).catch(() => undefined) }),
  },
  {
    mistake: "throws what it was thrown",
    noticedBy: refusedWait,
    parts: () => ({
      wait: (...given) =>
        sound.wait(...given).catch(() => {
          throw new TypeError("fetch failed");
        }),
    }),
  },
  {
    mistake: "names a part that does not exist",
    noticedBy: named,
    parts: () => ({ wait: (signal, request, ...rest) => sound.wait(signal, () => request("west"), ...rest) }),
  },
  {
    mistake: "requests no run",
    noticedBy: named,
    parts: () => ({ wait: (signal, _, ...rest) => sound.wait(signal, () => undefined, ...rest) }),
  },
  {
    mistake: "drops what its wait cannot read",
    noticedBy: kept,
    parts: () => ({ wait: (signal, request, _, context) => sound.wait(signal, request, async () => undefined, context) }),
  },
  {
    mistake: "takes what its wait cannot read off its provider before it is kept",
    noticedBy: kept,
    parts: () => ({
      wait(signal, request, keep, context) {
        const takeFirst: KeepFailed = async (failures) => {
          await take(signal, context);
          await keep(failures);
        };
        return sound.wait(signal, request, takeFirst, context);
      },
    }),
  },
  {
    mistake: "takes off its provider what could not be kept",
    noticedBy: kept,
    parts: () => ({
      wait(signal, request, keep, context) {
        return sound.wait(signal, request, (failures) => keep(failures).catch(() => undefined), context);
      },
    }),
  },
  {
    mistake: "renews until a time in the past",
    noticedBy: renewed,
    parts: () => ({ maintain: async (_, { clock }) => ({ expiresAtMs: clock.now() - 1 }) }),
  },
  {
    mistake: "answers an expiry in seconds",
    noticedBy: renewed,
    parts: () => ({ maintain: async (_, { clock }) => ({ expiresAtMs: (clock.now() + 7 * dayMs) / 1_000 }) }),
  },
  {
    mistake: "answers an expiry in microseconds",
    noticedBy: renewed,
    parts: () => ({ maintain: async (_, { clock }) => ({ expiresAtMs: (clock.now() + 7 * dayMs) * 1_000 }) }),
  },
  {
    mistake: "renews for two days without saying that this is all that its provider grants",
    noticedBy: renewed,
    parts: () => ({ maintain: async (_, { clock }) => ({ expiresAtMs: clock.now() + 2 * dayMs }) }),
  },
  {
    mistake: "hides that its renewal is refused",
    noticedBy: refusedRenewal,
    parts: () => ({
      maintain: (signal, context) =>
        sound.maintain(signal, context).catch(() => ({ expiresAtMs: context.clock.now() + 7 * dayMs })),
    }),
  },
  {
    mistake: "ignores that its value was not stored",
    noticedBy: stored,
    parts: () => ({ count: async (storage) => void (await storage.compareAndSet("count", "1", undefined)) }),
  },
  {
    mistake: "stores its value a second time without reading",
    noticedBy: stored,
    parts: () => ({
      async count(storage) {
        for (let tries = 0; tries < 3; tries += 1) if (await storage.compareAndSet("count", "1", undefined)) return;
      },
    }),
  },
];
