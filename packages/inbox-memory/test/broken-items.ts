import type { Inbox, BuriedFailedItem } from "@statewave-connectors/connector-sdk/inbox";
import type { InboxSetting } from "@statewave-connectors/testing";
import { InMemoryInbox } from "../src/index.ts";
import { altered, alteringAccepts, alteringConsume, alteringSettlements, ReopenableInboxes, without } from "./altered-inbox.ts";
import type { BrokenInbox } from "./broken-inboxes.ts";

const broken = (defect: string, caughtBy: string, alter: (inbox: Inbox, setting: InboxSetting) => Inbox): BrokenInbox => ({
  defect,
  caughtBy,
  open: (setting) => alter(new InMemoryInbox(setting), setting),
});

/** The inbox with every buried item changed on its way in. */
const alteringItems = (inbox: Inbox, change: (item: BuriedFailedItem) => BuriedFailedItem): Inbox =>
  altered(inbox, { buryFailedItem: (item, reason) => inbox.buryFailedItem(change(item), reason) });

const asItWas = "keeps a failed item as it was, with its reason";
const once = "buries a failed item once however often it is read, and the first reason stays";
const apart = "keeps apart failed items of other sources and ids, and episodes";
const putBack = "hands out a failed item that was put back, and buries it again with the new reason";

export const brokenItems: readonly BrokenInbox[] = [
  broken("stores raw items as well-formed text", asItWas, (inbox) =>
    alteringItems(inbox, (item) => ({
      ...item,
      raw: item.raw && JSON.parse(JSON.stringify(item.raw).replaceAll("\\ud800", "?")),
    })),
  ),
  broken("forgets whose mapping failed", asItWas, (inbox) => alteringItems(inbox, (item) => ({ ...item, direction: "pull" }))),
  broken("takes null for nothing", asItWas, (inbox) =>
    alteringItems(inbox, (item) => (item.raw === null ? without(item, "raw") : item)),
  ),
  broken("cuts what it keeps of an item", "keeps a failed item of 256 KiB whole", (inbox) =>
    alteringItems(inbox, (item) => ({ ...item, raw: String(item.raw).slice(0, 65_536) })),
  ),
  broken("buries the same item again and again", once, (inbox) =>
    alteringItems(inbox, (item) => ({ ...item, id: `${item.id} ${Math.random()}` })),
  ),
  broken("hashes ids as UTF-8", apart, (inbox) => alteringItems(inbox, (item) => ({ ...item, id: item.id.toWellFormed() }))),
  broken("keeps items of all sources together", apart, (inbox) =>
    alteringItems(inbox, (item) => ({ ...item, source: { kind: "all", name: "all" } })),
  ),
  broken("counts items as events", "counts failed items by source as a type of their own, discarded ones no more", (inbox) =>
    altered(inbox, {
      stats: async () => {
        const { deadLetters, ...stats } = await inbox.stats();
        return {
          ...stats,
          deadLetters: deadLetters.map((letter) => (letter.type === "item" ? { ...letter, type: "event" } : letter)),
        };
      },
    }),
  ),
  broken("puts an item back without its raw form", putBack, (inbox) =>
    alteringConsume(inbox, (handler) => (claimed) => {
      const { item } = claimed;
      return handler(item.type === "item" ? { ...claimed, item: without(item, "raw") } : claimed);
    }),
  ),
  broken("drops an item that fails again", putBack, (inbox) =>
    alteringSettlements(inbox, (settlement, { item }) => (item.type === "item" ? { type: "done" } : settlement)),
  ),
  broken("takes an item for a duplicate", "takes no failed item for a duplicate of an event with its id", (inbox) => {
    const seen = new Set<string | undefined>();
    const accepting = alteringAccepts(inbox, (item) => item);
    return altered(inbox, {
      accept: async (item) => {
        const id = "id" in item ? item.id : undefined;
        if (seen.has(id)) return "duplicate";
        seen.add(id);
        return accepting.accept(item);
      },
    });
  }),
  broken("buries behind its closing", "buries no failed item once it is closed", (inbox) =>
    altered(inbox, { buryFailedItem: async () => undefined }),
  ),
];

/** These are opened again. */
export function forgettingItems(): readonly BrokenInbox[] {
  const inboxes = new ReopenableInboxes();
  const opened = new Set<string>();
  return [
    {
      defect: "loses failed items",
      caughtBy: "finds failed items when it is opened again, counts them, and still buries each once",
      open(setting) {
        const inbox = inboxes.open(setting);
        if (!opened.has(setting.storeName)) opened.add(setting.storeName);
        else return altered(inbox, { listDeadLetters: async () => [] });
        return inbox;
      },
    },
  ];
}
