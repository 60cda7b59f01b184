import type { PushReceiver } from "@statewave-connectors/connector-sdk";
import type { InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import { openPushReceiver, toFetchHandler } from "@statewave-connectors/connector-sdk/receive";
import { expect, test } from "vitest";
import { connector, gmailConnector } from "../src/index.ts";

const token = "a-token-of-many-letters";
const open = (options: Readonly<Record<string, unknown>>, made = connector) =>
  openPushReceiver({ connector: made, name: "inbox", options, twin: "inbox" });
/** As much as a message of Pub/Sub may hold. */
const junk = JSON.stringify({ message: { data: "A".repeat(10 * 1024 * 1024), messageId: "7" } });

async function deliver(receiver: PushReceiver, path: string) {
  const items: InboxItem[] = [];
  const accept = async (item: InboxItem) => (items.push(item), "fresh" as const);
  const source = { kind: "gmail", name: "inbox" };
  const handle = toFetchHandler({ source, receiver, accept, maxBodyBytes: connector.push?.maxBodyBytes ?? 0 });
  const headers = { "content-type": "application/json", "content-length": String(junk.length) };
  const { status } = await handle(new Request(`http://runner${path}`, { method: "POST", headers, body: junk }));
  return { status, items };
}

test("a genuine message that is larger than any notification is answered 200 and becomes a dead letter", async () => {
  const { receiver } = await open({ path_token: token });
  const { status, items } = await deliver(receiver, `/gmail/inbox/events?token=${token}`);
  expect([status, items]).toEqual([200, [expect.objectContaining({ type: "event", body: new Uint8Array() })]]);
  const mapped = receiver.pages({ headers: {}, body: new Uint8Array(), receivedAtMs: 0 }, new AbortController().signal);
  await expect(mapped[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "GMAIL_NOTIFICATION_UNMAPPABLE" });
});

test("of a sender without the proof it is refused", async () => {
  const { receiver } = await open({ path_token: token });
  expect(await deliver(receiver, "/gmail/inbox/events?token=another-token-of-letters")).toEqual({ status: 401, items: [] });
});

test("for a program that verifies by itself, maybe by the body, it is too large", async () => {
  const { receiver } = await open({}, gmailConnector({ verifyAuth: () => true }));
  expect(await deliver(receiver, "/gmail/inbox/events")).toEqual({ status: 413, items: [] });
});
