import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { type Fields, stringField, toFields, toFieldsList } from "@statewave-connectors/connector-sdk/items";
import type { Arguments, SlackClient } from "../client.ts";
import type { ChannelFacts } from "../conversation.ts";
import { editTimeOf, unmappable } from "../episodes/occurrence.ts";
import { toChannelFacts } from "../names/to-names.ts";
import { isSlackTs } from "../slack-time.ts";
import type { ReadMessage } from "./read-message.ts";

/** A message that was fetched by its id. */
export interface FetchedMessage extends ReadMessage {
  readonly channel: string;
  readonly facts: ChannelFacts;
}

/** The message or reply that a failed item has the id of, such as `C012AB3CD:1512085950.000216`. Undefined: it was deleted. */
export async function fetchMessage(client: SlackClient, id: string, signal: AbortSignal): Promise<FetchedMessage | undefined> {
  const [channel = "", ts] = id.split(":");
  if (!isSlackTs(ts)) throw unmappable("has no ts by which it could be fetched");
  const one = { channel, oldest: ts, latest: ts, inclusive: true };
  const found =
    (await inHistory(client, { ...one, limit: 1 }, ts, signal)) ??
    (await amongReplies(client, { ...one, ts, limit: 2 }, ts, signal));
  if (found === undefined) return undefined;
  const { body } = await client.call("conversations.info", { channel }, signal);
  const facts = toChannelFacts(toFields(body["channel"]) ?? {});
  return { ...found, ts, channel, facts, actions: editTimeOf(found.message) === undefined ? ["posted"] : ["posted", "edited"] };
}

type Found = Pick<ReadMessage, "message" | "root"> | undefined;

async function inHistory(client: SlackClient, args: Arguments, ts: string, signal: AbortSignal): Promise<Found> {
  const { body } = await client.call("conversations.history", args, signal);
  const message = withTs(body["messages"], ts);
  return message && { message };
}

/** The replies to any message are listed with the first one of its thread. */
async function amongReplies(client: SlackClient, args: Arguments, ts: string, signal: AbortSignal): Promise<Found> {
  try {
    const { body } = await client.call("conversations.replies", args, signal);
    const message = withTs(body["messages"], ts);
    return message && { message, root: withTs(body["messages"], stringField(message, "thread_ts")) };
  } catch (error) {
    if (isConnectorsError(error, "SLACK_THREAD_NOT_FOUND")) return undefined;
    throw error;
  }
}

function withTs(messages: unknown, ts: string | undefined): Fields | undefined {
  return ts === undefined ? undefined : toFieldsList(messages).find((message) => stringField(message, "ts") === ts);
}
