import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import { expect } from "vitest";
import type { ReceiverCase } from "./receiver-case.ts";
import type { ReceiverBench } from "./receiver-bench.ts";

/** What lies between the receiver and its answer. */
export const storingCases: readonly ReceiverCase[] = [
  {
    title: "has a delivery that comes twice stored once under its id, or each time without one",
    async run(bench) {
      for (const sample of storedSamples(bench)) {
        const inbox = listInbox();
        const handle = bench.handler(await bench.open(), inbox.accept);
        for (let copy = 0; copy < 2; copy += 1) expect((await handle(bench.request(sample))).ok, sample.name).toBe(true);
        expect(inbox.items.length, sample.name).toBe(sample.id === undefined ? 2 : 1);
      }
    },
  },
  {
    title: "has a delivery stored by its second try when the store was away at the first, which is answered 503 with Retry-After",
    async run(bench) {
      for (const sample of storedSamples(bench)) {
        const inbox = listInbox();
        const handle = bench.handler(await bench.open(), (item) => (inbox.tries === 0 ? inbox.refuse() : inbox.accept(item)));
        const refused = await handle(bench.request(sample));
        expect(refused.status, sample.name).toBe(503);
        expect(Number(refused.headers.get("retry-after")), sample.name).toBeGreaterThan(0);
        expect((await handle(bench.request(sample))).ok, sample.name).toBe(true);
        expect(inbox.items.length, sample.name).toBe(1);
      }
    },
  },
];

function storedSamples(bench: ReceiverBench) {
  return bench.member.samples.filter(({ received }) => received !== "respond");
}

/** An inbox in a list, which can be away. */
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
      return Promise.reject(new ConnectorsError({ code: "INBOX_UNAVAILABLE", message: "The inbox is away.", retryable: true }));
    },
  };
  return inbox;
}

function idOf(item: InboxItem): string | undefined {
  return item.type === "episode" ? undefined : item.id;
}
