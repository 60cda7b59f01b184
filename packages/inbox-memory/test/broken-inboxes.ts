import { setImmediate as nextTurn } from "node:timers/promises";
import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import type { InboxSetting } from "@statewave-connectors/testing";
import { InMemoryInbox } from "../src/index.ts";
import {
  altered,
  alteringAccepts,
  alteringConsume,
  alteringEvents,
  alteringIds,
  alteringSettlements,
  without,
} from "./altered-inbox.ts";

/** An inbox that breaks one promise, and the case of the suite that must notice. */
export interface BrokenInbox {
  readonly defect: string;
  readonly caughtBy: string;
  open(setting: InboxSetting): Inbox;
}

type Alter = (inbox: Inbox, setting: InboxSetting) => Inbox;

const broken = (defect: string, caughtBy: string, alter: Alter): BrokenInbox => ({
  defect,
  caughtBy,
  open: (setting) => alter(new InMemoryInbox(setting), setting),
});

const withLimits = (
  defect: string,
  caughtBy: string,
  change: (limits: InboxSetting["limits"]) => Partial<InboxSetting["limits"]>,
) => broken(defect, caughtBy, (_, { limits, clock }) => new InMemoryInbox({ limits: { ...limits, ...change(limits) }, clock }));

const hostile = "keeps hostile ids apart and remembers each";
const windowOver = "takes an id as fresh again once its window is over";

export const brokenIds: readonly BrokenInbox[] = [
  broken("knows no duplicates", "answers fresh for a new id and duplicate for the same id again", (inbox) =>
    alteringIds(inbox, () => undefined),
  ),
  broken("stores items without an id once", "takes an item without an id as fresh every time", (inbox) =>
    alteringAccepts(inbox, (item) => (item.type === "episode" ? item : { ...item, id: item.id ?? "" })),
  ),
  broken("keeps ids of all sources together", "keeps ids of different sources apart", (inbox) => {
    const seen = new Set<string>();
    return altered(inbox, {
      accept: async (item) => {
        if (item.type === "episode" || item.id === undefined) return inbox.accept(item);
        if (seen.has(item.id)) return "duplicate";
        seen.add(item.id);
        return inbox.accept(item);
      },
    });
  }),
  broken("joins kind and name without a border", "keeps ids of different sources apart", (inbox) => {
    const sources = new Map<string, SourceKey>();
    return alteringAccepts(inbox, (item) => {
      const { kind, name } = item.source;
      const joined = `${kind}-${name}`.replace("slack-acme-2", "slack-acme").replace("slack-acme-acme", "slack-acme");
      const source = sources.get(joined) ?? item.source;
      sources.set(joined, source);
      return { ...item, source };
    });
  }),
  broken("looks before it writes, in two steps", "stores one of fifty copies that arrive at once", (inbox) => {
    const seen = new Set<string>();
    return altered(inbox, {
      accept: async (item) => {
        const id = item.type === "episode" ? undefined : item.id;
        if (id === undefined) return inbox.accept(item);
        const known = seen.has(id);
        await nextTurn();
        seen.add(id);
        return known ? "duplicate" : inbox.accept(item.type === "episode" ? item : { ...item, id: `${id} ${Math.random()}` });
      },
    });
  }),
  withLimits("forgets ids at half their window", "remembers an id until the end of its window", ({ dedupWindowMs }) => ({
    dedupWindowMs: dedupWindowMs / 2,
  })),
  withLimits("never forgets an id", windowOver, () => ({ dedupWindowMs: Number.MAX_SAFE_INTEGER })),
  broken("counts the window from the last duplicate", windowOver, (inbox, { clock, limits }) => {
    const seenAtMs = new Map<string, number>();
    return altered(inbox, {
      accept: async (item) => {
        if (item.type === "episode" || item.id === undefined) return inbox.accept(item);
        const isKnown = clock.now() - (seenAtMs.get(item.id) ?? -Infinity) < limits.dedupWindowMs;
        seenAtMs.set(item.id, clock.now());
        return isKnown ? "duplicate" : inbox.accept(item);
      },
    });
  }),
  broken("forgets an id when its item is settled", "remembers the id of an item that was settled", (inbox) =>
    forgetting(inbox, "done"),
  ),
  broken(
    "forgets an id when its item is buried",
    "remembers the id of an item that was buried, and of one that was discarded",
    (inbox) => forgetting(inbox, "dead"),
  ),
  broken("cuts long ids", hostile, (inbox) => alteringIds(inbox, (id) => id.slice(0, 255))),
  broken("normalises ids", hostile, (inbox) => alteringIds(inbox, (id) => id.normalize("NFC"))),
  broken("stores ids as UTF-8", hostile, (inbox) => alteringIds(inbox, (id) => id.toWellFormed())),
  broken("cuts ids at NUL", hostile, (inbox) => alteringIds(inbox, (id) => id.split("\0")[0])),
  broken("reads ids as numbers", hostile, (inbox) => alteringIds(inbox, (id) => (/^\d+$/.test(id) ? String(Number(id)) : id))),
  broken("looks ids up in a plain object", hostile, (inbox) => {
    const seen: Record<string, boolean> = {};
    return altered(inbox, {
      accept: async (item) => {
        const id = item.type === "episode" ? undefined : item.id;
        if (id !== undefined && seen[id]) return "duplicate";
        if (id !== undefined) seen[id] = true;
        return inbox.accept(item);
      },
    });
  }),
];

const triggers = "takes triggers, with and without an id, and with the part that they name";

export const brokenContents: readonly BrokenInbox[] = [
  broken("forgets the part of a trigger", triggers, (inbox) =>
    alteringAccepts(inbox, (item) => (item.type === "trigger" ? { ...item, part: undefined as never } : item)),
  ),
  broken("stores bodies as text", "gives back a body that is no UTF-8 byte for byte", (inbox) =>
    alteringEvents(inbox, (event) => ({ ...event, body: Buffer.from(Buffer.from(event.body).toString()) })),
  ),
  broken("cuts bodies at NUL", "gives back a body with NUL bytes byte for byte", (inbox) =>
    alteringEvents(inbox, (event) => ({ ...event, body: Buffer.from(Buffer.from(event.body).toString().split("\0")[0]!) })),
  ),
  broken("parses bodies", "gives back a body with escaped lone surrogates and big numbers byte for byte", (inbox) =>
    alteringEvents(inbox, (event) => ({
      ...event,
      body: Buffer.from(JSON.stringify(JSON.parse(Buffer.from(event.body).toString()))),
    })),
  ),
  broken("cuts bodies at 1 MiB", "gives back a body of 5 MB byte for byte", (inbox) =>
    alteringEvents(inbox, (event) => ({ ...event, body: event.body.slice(0, 1024 * 1024) })),
  ),
  broken("stores the whole buffer behind a body", "stores a part of a larger buffer as that part only", (inbox) =>
    alteringEvents(inbox, (event) => ({ ...event, body: new Uint8Array(event.body.buffer) })),
  ),
  broken(
    "takes the caller's buffer away",
    "leaves the caller's buffer usable, and keeps what was accepted when the caller overwrites it",
    (inbox) =>
      alteringEvents(inbox, (event) => ({
        ...event,
        body: structuredClone(event.body, { transfer: [event.body.buffer as ArrayBuffer] }),
      })),
  ),
  broken(
    "keeps the caller's buffer",
    "leaves the caller's buffer usable, and keeps what was accepted when the caller overwrites it",
    (inbox) => {
      let last = new Uint8Array();
      const keeping = alteringEvents(inbox, (event) => ({ ...event, body: (last = event.body as typeof last) }));
      return alteringConsume(
        keeping,
        (handler) => (claimed) =>
          handler(claimed.item.type === "event" ? { ...claimed, item: { ...claimed.item, body: last } } : claimed),
      );
    },
  ),
  broken("copies headers by assignment", "gives back headers as they were, hostile names and values included", (inbox) =>
    alteringEvents(inbox, (event) => ({ ...event, headers: Object.assign({}, event.headers) })),
  ),
  broken("stores headers as UTF-8", "gives back headers as they were, hostile names and values included", (inbox) =>
    alteringEvents(inbox, (event) => ({
      ...event,
      headers: Object.fromEntries(Object.entries(event.headers).map(([name, value]) => [name, value.toWellFormed()])),
    })),
  ),
  broken(
    "stores the time of its own clock",
    "gives back headers as they were, hostile names and values included",
    (inbox, { clock }) => alteringEvents(inbox, (event) => ({ ...event, receivedAtMs: clock.now() })),
  ),
  broken("drops an episode's session", "gives back an episode as it was, metadata and odd text included", (inbox) =>
    altered(inbox, {
      buryEpisode: (source, episode, reason) => inbox.buryEpisode(source, without(episode, "session"), reason),
    }),
  ),
];

export const brokenLimits: readonly BrokenInbox[] = [
  withLimits(
    "takes one item too many",
    "refuses items above the depth limit, retryable, and takes them once one is settled",
    ({ maxDepth }) => ({
      maxDepth: maxDepth + 1,
    }),
  ),
  withLimits(
    "does not count bytes",
    "refuses items above the limit of bytes, retryable, and takes them once there is room",
    () => ({
      maxBytes: Infinity,
    }),
  ),
  broken(
    "does not count claimed items",
    "refuses items above the depth limit, retryable, and takes them once one is settled",
    (inbox) => {
      let claimed = 0;
      const counting = alteringConsume(inbox, (handler) => (item) => {
        claimed += 1;
        return handler(item);
      });
      return altered(counting, {
        accept: async (item) => inbox.accept(item).catch((error: unknown) => (claimed > 0 ? "fresh" : Promise.reject(error))),
      });
    },
  ),
  broken(
    "stays full for ever",
    "refuses items above the limit of bytes, retryable, and takes them once there is room",
    (inbox) => {
      let wasFull: unknown;
      return altered(inbox, {
        accept: async (item) => {
          if (wasFull !== undefined) throw wasFull;
          return inbox.accept(item).catch((error: unknown) => Promise.reject((wasFull = error)));
        },
      });
    },
  ),
  broken(
    "says that full is for good",
    "refuses items above the depth limit, retryable, and takes them once one is settled",
    (inbox) =>
      altered(inbox, {
        accept: (item) =>
          inbox
            .accept(item)
            .catch((error: Error) => Promise.reject(Object.assign(new Error(error.message), { code: "INBOX_FULL" }))),
      }),
  ),
  broken("remembers the id of a refused item", "does not remember the id of an item that it refused", (inbox) => {
    const refused = new Set<string>();
    return altered(inbox, {
      accept: async (item) => {
        const id = item.type === "episode" ? "" : (item.id ?? "");
        if (refused.has(id)) return "duplicate";
        return inbox.accept(item).catch((error: unknown) => {
          refused.add(id);
          throw error;
        });
      },
    });
  }),
  broken("refuses duplicates while full", "answers a duplicate of what is safe even when it is full", (inbox) => {
    let full: unknown;
    return altered(inbox, {
      accept: async (item) => {
        const outcome = await inbox.accept(item).catch((error: unknown) => Promise.reject((full = error)));
        if (full !== undefined && outcome === "duplicate") throw full;
        return outcome;
      },
    });
  }),
  broken("refuses to put letters back while full", "buries and retries dead letters when it is full", (inbox, { limits }) =>
    altered(inbox, {
      retryDeadLetters: async (keys) => ((await inbox.stats()).depth >= limits.maxDepth ? 0 : inbox.retryDeadLetters(keys)),
    }),
  ),
];

/** After a settlement of this type, the same id counts as another one. */
function forgetting(inbox: Inbox, type: "done" | "dead"): Inbox {
  const generations = new Map<string, number>();
  const settling = alteringSettlements(inbox, (settlement, { item }) => {
    const source = formatSourceKey(item.source);
    if (settlement.type === type) generations.set(source, (generations.get(source) ?? 0) + 1);
    return settlement;
  });
  return altered(settling, {
    accept: (item) => {
      const generation = generations.get(formatSourceKey(item.source)) ?? 0;
      return inbox.accept(item.type === "episode" || item.id === undefined ? item : { ...item, id: `${item.id} ${generation}` });
    },
  });
}
