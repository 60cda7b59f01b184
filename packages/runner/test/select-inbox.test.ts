import { parseConfig } from "@statewave-connectors/config";
import { defineInbox, type Inbox } from "@statewave-connectors/connector-sdk/inbox";
import { expect, test } from "vitest";
import { InMemoryInbox, selectInbox } from "../src/index.ts";
import { altered } from "./altered-inbox.ts";

const config = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;

/** What a runner does at its start with an inbox of another package. */
async function select(inbox: Inbox): Promise<Inbox> {
  const inboxes = { mine: defineInbox({ config, livesIn: "process", open: async () => inbox }) };
  const source = { statewave: { url: "stdout:" }, runner: { inbox: { kind: "mine" } } };
  const parsed = await parseConfig(source, { inboxes });
  return await selectInbox({ runner: parsed.config.runner, inboxes });
}

test("an inbox that cannot keep failed items is refused in one sentence when it is opened, and closed", async () => {
  let isClosed = false;
  const older = altered(new InMemoryInbox(), {
    buryFailedItem: undefined as unknown as Inbox["buryFailedItem"],
    close: async () => void (isClosed = true),
  });
  await expect(select(older)).rejects.toMatchObject({
    code: "INBOX_ITEM_UNSUPPORTED",
    message: expect.stringContaining("the inbox mine was made for an older runner"),
    hint: expect.stringContaining("buryFailedItem"),
  });
  expect(isClosed).toBe(true);
});

test("a whole inbox is opened as it is", async () => {
  const inbox = new InMemoryInbox();
  expect(await select(inbox)).toBe(inbox);
});
