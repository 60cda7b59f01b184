import type {
  ClaimedItem,
  ConsumeOptions,
  Inbox,
  InboxHandler,
  InboxItem,
  Settlement,
} from "@statewave-connectors/connector-sdk/inbox";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { InboxSetting } from "@statewave-connectors/testing";
import { InMemoryInbox } from "../src/index.ts";

export type EventItem = Extract<InboxItem, { type: "event" }>;

/** A copy that lacks one property. */
export function without<Given extends object, Name extends keyof Given>(given: Given, name: Name): Omit<Given, Name> {
  const copy = { ...given };
  delete copy[name];
  return copy;
}

/** The inbox with some of its methods replaced. */
export function altered(inbox: Inbox, methods: Partial<Inbox>): Inbox {
  return new Proxy(inbox, {
    get(target, name) {
      const member: unknown = Reflect.get(name in methods ? methods : target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

/** The inbox with every accepted item changed on its way in. */
export function alteringAccepts(inbox: Inbox, change: (item: InboxItem) => InboxItem): Inbox {
  return altered(inbox, { accept: (item) => inbox.accept(change(item)) });
}

/** The inbox with every accepted event's body or headers changed on its way in. */
export function alteringEvents(inbox: Inbox, change: (event: EventItem) => EventItem): Inbox {
  return alteringAccepts(inbox, (item) => (item.type === "event" ? change(item) : item));
}

/** The inbox with ids changed on their way in. */
export function alteringIds(inbox: Inbox, change: (id: string, item: InboxItem) => string | undefined): Inbox {
  return alteringAccepts(inbox, (item) => {
    if (item.type === "episode" || item.type === "item" || item.id === undefined) return item;
    const { id, ...rest } = item;
    const changed = change(id, item);
    return changed === undefined ? rest : { ...rest, id: changed };
  });
}

/** The inbox with its consumer's handler, options or claims changed. */
export function alteringConsume(
  inbox: Inbox,
  wrap: (handler: InboxHandler) => InboxHandler,
  options: (given: ConsumeOptions | undefined) => ConsumeOptions = (given) => given ?? {},
): Inbox {
  return altered(inbox, { consume: (handler, given) => inbox.consume(wrap(handler), options(given)) });
}

/** The inbox with every settlement changed on its way back. */
export function alteringSettlements(
  inbox: Inbox,
  change: (settlement: Settlement, claimed: ClaimedItem) => Settlement | Promise<Settlement>,
): Inbox {
  return alteringConsume(inbox, (handler) => async (claimed) => change(await handler(claimed), claimed));
}

/** An `InMemoryInbox` that outlives its closing: opened again under the same name, it holds the same items. */
export class ReopenableInboxes {
  readonly #kept = new Map<string, Inbox>();

  open({ storeName, limits, clock }: InboxSetting): Inbox {
    const kept = this.#kept.get(storeName) ?? new InMemoryInbox({ limits, clock });
    this.#kept.set(storeName, kept);
    return closable(kept);
  }
}

/** A view that can be closed while the inbox behind it lives on; its claims go back. */
function closable(kept: Inbox): Inbox {
  let closed = false;
  let giveBack = async (): Promise<void> => undefined;
  return new Proxy(kept, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      if (name === "close") {
        return async () => {
          closed = true;
          await giveBack();
        };
      }
      if (name === "consume") {
        return (...given: Parameters<Inbox["consume"]>) => {
          if (closed) throw closedError();
          const consumer = target.consume(...given);
          giveBack = () => consumer.stop(AbortSignal.abort());
          return consumer;
        };
      }
      return async (...given: readonly unknown[]) => {
        if (closed) throw closedError();
        return member.apply(target, given) as unknown;
      };
    },
  });
}

function closedError(): ConnectorsError {
  return new ConnectorsError({ code: "INBOX_CLOSED", message: "the inbox is closed" });
}
