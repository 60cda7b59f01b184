import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import { expect } from "vitest";
import type { ReceiverCase } from "./receiver-case.ts";
import type { ReceiverHarness } from "./receiver-harness.ts";

/** What happens between the receiver and its answer. */
export const storingCases: readonly ReceiverCase[] = [
  {
    title: "has a delivery that comes twice stored once under its id, or each time without one",
    async run(harness) {
      for (const sample of storedSamples(harness)) {
        const inbox = listInbox();
        const handle = harness.handler(await harness.open(), inbox.accept);
        for (let copy = 0; copy < 2; copy += 1) expect((await handle(harness.request(sample))).ok, sample.name).toBe(true);
        expect(inbox.items.length, sample.name).toBe(sample.id === undefined ? 2 : 1);
      }
    },
  },
  {
    title:
      "has a delivery stored by its second try when the store was unavailable at the first, which is answered 503 with Retry-After",
    async run(harness) {
      for (const sample of storedSamples(harness)) {
        const inbox = listInbox();
        const handle = harness.handler(await harness.open(), (item) => (inbox.tries === 0 ? inbox.refuse() : inbox.accept(item)));
        const refused = await handle(harness.request(sample));
        expect(refused.status, sample.name).toBe(503);
        expect(Number(refused.headers.get("retry-after")), sample.name).toBeGreaterThan(0);
        expect((await handle(harness.request(sample))).ok, sample.name).toBe(true);
        expect(inbox.items.length, sample.name).toBe(1);
      }
    },
  },
];

function storedSamples(harness: ReceiverHarness) {
  return harness.subject.samples.filter(({ received }) => received !== "respond");
}

/** An inbox in a list, which can be made unavailable. */
function listInbox() {
  const items: InboxItem[] = [];
  const inbox = {
    items,
    tries: 0,
    accept: (item: InboxItem): Promise<"fresh" | "duplicate"> => {
      const id = idOf(item);
      const known = id !== undefined && items.some((other) => idOf(other) === id);
      if (!known) items.push(item);
      return Promise.resolve(known ? "duplicate" : "fresh");
    },
    refuse: (): Promise<never> => {
      inbox.tries += 1;
      return Promise.reject(
        new ConnectorsError({ code: "INBOX_UNAVAILABLE", message: "the inbox is unavailable", retryable: true }),
      );
    },
  };
  return inbox;
}

function idOf(item: InboxItem): string | undefined {
  return item.type === "episode" ? undefined : item.id;
}
