import { type ConnectorContext, parseItem, type PushReceiver, type ReceivedEvent } from "@statewave-connectors/connector-sdk";
import type { ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { anyId, epochTime } from "@statewave-connectors/connector-sdk/items";
import type { PageContents } from "@statewave-connectors/connector-sdk/paging";
import { parseJsonBody, verifier } from "@statewave-connectors/connector-sdk/signature";
import * as v from "valibot";
import { checkEntry } from "../check.ts";
import { openClient, service } from "../client.ts";
import { mapConversations, mapFailed } from "../episodes/map-conversations.ts";
import { deletedEpisode } from "../episodes/state-episodes.ts";
import { readConversation } from "../pull/read-conversations.ts";
import type { IntercomPushOptions } from "../push-options.ts";
import { notificationIdOf, respond, signature } from "./receive.ts";

const Notification = v.object({
  topic: v.string(),
  created_at: epochTime(),
  data: v.object({ item: v.looseObject({ id: anyId(), type: v.nullish(v.string()) }) }),
});

type Item = v.InferOutput<typeof Notification>["data"]["item"];

/** Opens a `[[push.intercom]]` entry. */
export function openPush(options: IntercomPushOptions, context: ConnectorContext): PushReceiver {
  const { access_token, app_id, region } = options;
  const client = access_token === undefined ? undefined : openClient({ ...options, access_token }, context, "push");
  return {
    verify: verifier(signature, options.client_secret),
    respond: (request) => respond(request, options),
    identify: notificationIdOf,
    map: (raw) => mapFailed(raw, options),
    ...(client !== undefined && { check: (signal: AbortSignal) => checkEntry({ client, app_id, region, signal }) }),
    async *pages(event, signal) {
      yield await toPage(event, { options, client }, signal);
    },
  };
}

interface Opened {
  readonly options: IntercomPushOptions;
  readonly client: ProviderClient | undefined;
}

async function toPage(event: ReceivedEvent, { options, client }: Opened, signal: AbortSignal): Promise<PageContents> {
  const notification = parseItem(Notification, parseJsonBody(event), { ...service, item: "notification" });
  const { topic, created_at: at } = notification;
  const { item } = notification.data;
  if (topic === "conversation.deleted") return { episodes: [deletedEpisode(options.app_id, item.id, at)] };
  const isPart = item.type === "conversation_part";
  const conversation = isPart ? await conversationOf(item, client, signal) : await withCompany(item, { options, client }, signal);
  // Only where the closing itself is reported its time stands for a part that is missing.
  const statistics = topic === "conversation.admin.closed" ? {} : { statistics: null };
  return mapConversations([{ ...conversation, ...statistics }], options);
}

const PartItem = v.looseObject({ conversation_id: anyId() });

/** A notification of a part alone does not say whose conversation it is in: that is requested, and without a token it cannot be mapped. */
async function conversationOf(part: Item, client: ProviderClient | undefined, signal: AbortSignal): Promise<object> {
  const { conversation_id: id } = parseItem(PartItem, part, { ...service, item: "part without its conversation" });
  const conversation = client === undefined ? undefined : await readConversation(client, id, signal);
  return { id, ...conversation, conversation_parts: { conversation_parts: [{ ...part, redacted: true }] } };
}

/** Versions of webhooks before 2.15 do not say which company a conversation is with. */
async function withCompany(item: Item, { options, client }: Opened, signal: AbortSignal): Promise<object> {
  if (options.subject_by !== "organization" || item["company"] !== undefined || client === undefined) return item;
  const conversation = await readConversation(client, item.id, signal);
  return { ...item, company: conversation?.["company"] ?? null };
}
