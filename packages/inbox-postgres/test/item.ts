import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import {
  type ClaimedItem,
  defaultInboxLimits,
  type Inbox,
  type InboxConsumer,
  type InboxItem,
} from "@statewave-connectors/connector-sdk/inbox";
import { openInbox } from "../src/index.ts";

const source = { kind: "slack", name: "acme" };
export const queue = "inbox/slack/acme";

export function event(id: string | undefined, text = "hello"): InboxItem {
  const body = Buffer.from(text);
  return { type: "event", source, headers: {}, body, receivedAtMs: 1, ...(id === undefined ? {} : { id }) };
}

export function open(url: string, schema: string, limits: Partial<typeof defaultInboxLimits> = {}): Promise<Inbox> {
  const context = { clock: systemClock, logger: silentLogger, baseDir: "/", stateDir: "/" };
  return openInbox({ url, schema }, { ...defaultInboxLimits, ...limits }, context);
}

export interface HeldItem {
  readonly claimed: ClaimedItem;
  readonly consumer: InboxConsumer;
  readonly done: () => void;
}

/** The first item that the inbox hands out, held until `done`. */
export function firstClaim(inbox: Inbox): Promise<HeldItem> {
  const { promise, resolve } = Promise.withResolvers<HeldItem>();
  const consumer = inbox.consume((claimed) => {
    const settled = Promise.withResolvers<void>();
    resolve({ claimed, consumer, done: settled.resolve });
    return settled.promise.then(() => ({ type: "done" }));
  });
  return promise;
}
