import {
  type ConfigSchema,
  type Connector,
  type ConnectorContext,
  ConnectorsError,
  defineConnector,
  type PullSource,
  sleep,
} from "@statewave-connectors/connector-sdk";
import type { Renewal, RequestRun, SourceStorage } from "@statewave-connectors/connector-sdk/host";
import type { ConnectorSubject } from "../../src/index.ts";
import { FakeClock } from "../../src/fake-clock.ts";

const dayMs = 86_400_000;
const parts = ["north", "south"];

/** What a sound pull does beside its walks, for faults to replace. */
export interface LastingParts {
  order(first: readonly string[]): readonly string[];
  wait(signal: AbortSignal, request: RequestRun, context: ConnectorContext): Promise<void>;
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

/** Requests what the provider has to say. */
async function requestNews(signal: AbortSignal, { fetch }: ConnectorContext): Promise<string> {
  const answer = await fetch("http://bell.invalid/news", { signal });
  if (!answer.ok) throw refused();
  return answer.text();
}

const sound: LastingParts = {
  order: (first) => parts.toSorted((left, right) => Number(first.includes(right)) - Number(first.includes(left))),
  async wait(signal, request, context) {
    for (;;) request(await requestNews(signal, context));
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
    wait: (signal, request) => made.wait(signal, request, context),
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
      const clock = new FakeClock();
      return {
        options: {},
        clock,
        maxEpisodesPerPage: 1,
        parts,
        news: () => rung.resolve(),
        async fetch(input, init) {
          if (new URL(input instanceof Request ? input.url : input).pathname === "/watch") return new Response("");
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
    parts: () => ({ wait: (_, request, context) => sound.wait(new AbortController().signal, request, context) }),
  },
  {
    mistake: "tries a refused wait again and again",
    noticedBy: refusedWait,
    parts: () => ({
      async wait(signal, request, context) {
        while (!signal.aborted) await requestNews(signal, context).then(request, () => undefined);
      },
    }),
  },
  {
    mistake: "hides that its wait is refused",
    noticedBy: refusedWait,
    parts: () => ({
      async wait(signal, request, context) {
        await sound.wait(signal, request, context).catch(() => sleep(context.clock, dayMs, signal));
      },
    }),
  },
  {
    mistake: "returns when its wait is refused",
    noticedBy: refusedWait,
    parts: () => ({ wait: (signal, request, context) => sound.wait(signal, request, context).catch(() => undefined) }),
  },
  {
    mistake: "throws what it was thrown",
    noticedBy: refusedWait,
    parts: () => ({
      wait: (signal, request, context) =>
        sound.wait(signal, request, context).catch(() => {
          throw new TypeError("fetch failed");
        }),
    }),
  },
  {
    mistake: "names a part that does not exist",
    noticedBy: named,
    parts: () => ({ wait: (signal, request, context) => sound.wait(signal, () => request("west"), context) }),
  },
  {
    mistake: "requests no run",
    noticedBy: named,
    parts: () => ({ wait: (signal, _, context) => sound.wait(signal, () => undefined, context) }),
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
