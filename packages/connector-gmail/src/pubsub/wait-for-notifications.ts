import { type ConnectorContext, type FailedItem, sleep } from "@statewave-connectors/connector-sdk";
import type { KeepFailed, RequestRun } from "@statewave-connectors/connector-sdk/host";
import { type Authorizer, ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { isOverloaded } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import { pubsubAnswers } from "../answers.ts";
import { gmail } from "../gmail.ts";
import { readRows } from "../pull/read-rows.ts";
import type { GmailPullOptions } from "../pull-options.ts";
import { pubsubHint } from "../sign-in.ts";
import { version } from "../version.ts";
import { noNotification, readMessage } from "../webhook/notification.ts";

/** Its rows are read one by one: an answer with one of another form is read for the others. */
const Pulled = v.object({ receivedMessages: v.optional(v.array(v.unknown()), []) });
const ackId = v.pipe(v.string(), v.nonEmpty());
const Received = v.object({ ackId, message: v.optional(v.looseObject({}), {}) });
/** All that a row needs to be acknowledged. */
const Acknowledgeable = v.object({ ackId });

/** Pub/Sub holds a pull for about a minute and a half before it answers that there is nothing. */
const pullTimeoutMs = 150_000;
const messagesAtOnce = 100;
/** An empty answer that came sooner is no reason to pull at once: an emulator does not wait. */
const shortestPullMs = 5_000;

/** Where notifications come from, and whose they are. */
export interface Subscription {
  readonly name: string;
  readonly client: ProviderClient;
  /** Ids of the entry's parts: the addresses of its mailboxes, where it has several. */
  readonly parts: ReadonlySet<string>;
}

/**
 * Takes Gmail's notifications from a pull subscription, over REST, for as long as the signal lets it. The first request for a run is for what
 * another process acknowledged and did not read.
 */
export async function waitForNotifications(
  { name, client, parts }: Subscription,
  context: ConnectorContext,
  signal: AbortSignal,
  request: RequestRun,
  keep: KeepFailed,
): Promise<void> {
  const pull = async (maxMessages: number) => {
    const options = { body: { json: { maxMessages } }, schema: Pulled, signal, about: "the subscription" };
    return (await client.post(`${name}:pull`, options)).body;
  };
  request();
  let most = messagesAtOnce;
  while (!signal.aborted) {
    const startedMs = context.clock.now();
    let receivedMessages;
    try {
      ({ receivedMessages } = await pull(most));
    } catch (error) {
      if (most === 1 || !isOverloaded(error)) throw error;
      // What is no notification may have ten megabytes, and must not keep those behind it from being acknowledged.
      most = 1;
      continue;
    }
    most = Math.min(messagesAtOnce, most * 2);
    const { addresses, failures } = readAll(receivedMessages, name);
    for (const part of new Set([...addresses].map((address) => (parts.has(address) ? address : undefined)))) request(part);
    // What no run can read would come again for days: it is acknowledged like the rest, once it is safe.
    if (failures.length > 0) await keep(failures);
    const ackIds = receivedMessages.flatMap((row) => (v.is(Acknowledgeable, row) ? [row.ackId] : []));
    // A request is enough: the next run reads everything since the cursor, whatever it was that changed.
    if (ackIds.length > 0) {
      await client.post(`${name}:acknowledge`, { body: { json: { ackIds } }, signal, about: "the subscription" });
    } else await sleep(context.clock, Math.max(0, shortestPullMs - (context.clock.now() - startedMs)), signal);
  }
}

/** The mailboxes that notifications are about, and what is no notification. */
function readAll(rows: readonly unknown[], subscription: string) {
  const { items, malformed } = readRows(Received, rows, "message of a subscription");
  const addresses = new Set<string>();
  const failures: FailedItem[] = [...malformed];
  for (const { message } of items) {
    const { id, notification } = readMessage(message);
    if (notification !== undefined) addresses.add(notification.address);
    else
      failures.push({ id: id === undefined ? "" : `${subscription}/${id}`, error: noNotification(), raw: { pubsub: message } });
  }
  return { addresses, failures };
}

/** Pub/Sub's API as an entry uses it. */
export function openPubsub(
  { pubsub_url }: Pick<GmailPullOptions, "pubsub_url">,
  authorize: Authorizer,
  context: ConnectorContext,
): ProviderClient {
  return new ProviderClient({
    provider: "Pub/Sub",
    codePrefix: gmail.codePrefix,
    baseUrl: `${pubsub_url ?? "https://pubsub.googleapis.com"}/v1`,
    authorize,
    headers: { "user-agent": `statewave-connector-gmail/${version}` },
    limits: { timeoutMs: pullTimeoutMs },
    answers: pubsubAnswers,
    hints: pubsubHint,
    context,
  });
}
