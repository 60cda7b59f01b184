import { ConsumerLoop, type Inbox, type InboxHandler } from "@statewave-connectors/connector-sdk/inbox";

/** The inbox with some of its methods replaced. */
export function altered(inbox: Inbox, methods: Partial<Inbox>): Inbox {
  return new Proxy(inbox, {
    get(target, name) {
      const member: unknown = Reflect.get(name in methods ? methods : target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

/** The inbox with its consumer's handler changed. */
export function alteringHandler(inbox: Inbox, wrap: (handler: InboxHandler) => InboxHandler): Inbox {
  return altered(inbox, { consume: (handler, options) => inbox.consume(wrap(handler), options) });
}

/** The inbox with a consumer that gives back what is claimed, as one that processes share. */
export function releasing(inbox: Inbox): Inbox {
  return altered(inbox, {
    consume: (handler, options) => {
      const consumer = inbox.consume(handler, options);
      if (!(consumer instanceof ConsumerLoop)) throw new TypeError("the consumer is no loop");
      return {
        pause: () => consumer.pause(),
        resume: () => consumer.resume(),
        stop: (signal) => consumer.stop(signal),
        release: () => consumer.giveBack(),
      };
    },
  });
}
