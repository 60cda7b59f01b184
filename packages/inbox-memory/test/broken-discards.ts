import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import { InMemoryInbox } from "../src/index.ts";
import { altered, alteringIds } from "./altered-inbox.ts";
import type { BrokenInbox } from "./broken-inboxes.ts";

const broken = (defect: string, caughtBy: string, alter: (inbox: InMemoryInbox) => Inbox): BrokenInbox => ({
  defect,
  caughtBy,
  open: (setting) => alter(new InMemoryInbox(setting)),
});

const waiting = "forgets what waits for good, in any state but claimed, and remembers its id";
const ageing = "forgets letters that are older than their retention, oldest first and in bounded steps, and nothing that waits";

export const brokenDiscards: readonly BrokenInbox[] = [
  broken("counts what it is to forget and keeps it", waiting, (inbox) =>
    altered(inbox, { discardQueued: async (keys) => new Set(keys).size - 3 }),
  ),
  broken("counts a claimed item that it cannot forget", waiting, (inbox) =>
    altered(inbox, { discardQueued: async (keys) => (await inbox.discardQueued?.(keys), 3) }),
  ),
  broken("forgets the ids of what it forgets", waiting, (inbox) => {
    let forgets = false;
    return altered(
      alteringIds(inbox, (id) => (forgets ? `${id} anew` : id)),
      {
        discardQueued: async (keys) => {
          forgets = true;
          return (await inbox.discardQueued?.(keys)) ?? 0;
        },
      },
    );
  }),
  broken("never forgets what was claimed once", "forgets an item that was claimed, once it is given back", (inbox) =>
    altered(inbox, { discardQueued: async () => 0 }),
  ),
  broken("keeps a delivered item", "keeps nothing of a delivered item but its id", (inbox) =>
    altered(inbox, { stats: async () => ({ ...(await inbox.stats()), depth: 1 }) }),
  ),
  broken("lists letters without the time of their burial", ageing, (inbox) =>
    altered(inbox, {
      listDeadLetters: async (query) => (await inbox.listDeadLetters(query)).map((letter) => ({ ...letter, buriedAtMs: 0 })),
    }),
  ),
  broken("forgets what waits with its letters", ageing, (inbox) =>
    altered(inbox, {
      discardDeadLetters: async (keys) => {
        const queued = (await inbox.view?.list()) ?? [];
        await inbox.discardQueued?.(queued.map(({ key }) => key));
        return inbox.discardDeadLetters(keys);
      },
    }),
  ),
];
