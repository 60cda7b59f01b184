import { type ConnectorContext, parseItem, type PushReceiver, type ReceivedEvent } from "@statewave-connectors/connector-sdk";
import type { ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { anyId } from "@statewave-connectors/connector-sdk/items";
import type { PageContents } from "@statewave-connectors/connector-sdk/paging";
import { parseJsonBody, verifier } from "@statewave-connectors/connector-sdk/signature";
import * as v from "valibot";
import { checkEntry } from "../check.ts";
import { openClient, service } from "../client.ts";
import { anyTime } from "../episodes/any-time.ts";
import { changeParts } from "../episodes/change-parts.ts";
import { idOf } from "../episodes/conversation.ts";
import { mapConversations, mapFailed } from "../episodes/map-conversations.ts";
import { deletedEpisode } from "../episodes/state-episodes.ts";
import { type ContactNames, type Directory, openDirectory, unnamedContacts } from "../names.ts";
import { readConversation } from "../pull/read-conversations.ts";
import type { IntercomPushOptions } from "../push-options.ts";
import { receive, signature } from "./receive.ts";

const Notification = v.object({
  type: v.literal("notification_event"),
  topic: v.string(),
  created_at: anyTime(),
  data: v.object({ item: v.looseObject({ type: v.nullish(v.string()) }) }),
});

/** A deletion names the conversation in a field of its own, or as other notifications do. */
const Deleted = v.union([v.object({ conversation_id: anyId() }), v.object({ id: anyId() })]);

const patienceMs = 5_000;

type Item = v.InferOutput<typeof Notification>["data"]["item"];

/** Opens a `[[push.intercom]]` entry. */
export function openPush(options: IntercomPushOptions, context: ConnectorContext): PushReceiver {
  const { access_token, app_id, region } = options;
  const client = access_token === undefined ? undefined : openClient({ ...options, access_token }, context, "push");
  const directory = client === undefined ? undefined : openDirectory(client, context, 1);
  return {
    // The Developer Hub may look whether the address answers. That reveals nothing.
    methods: ["POST", "HEAD"],
    respondUnverified: ({ method }) => (method === "HEAD" ? { type: "respond", response: { status: 200 } } : undefined),
    verify: verifier(signature, options.client_secret),
    receive: (request) => receive(request, options),
    map: (raw) => mapFailed(raw, options),
    ...(client !== undefined && { check: (signal: AbortSignal) => checkEntry({ client, app_id, region, signal }) }),
    async *pages(event, signal) {
      yield await toPage(event, { options, client, directory }, signal);
    },
  };
}

interface Opened {
  readonly options: IntercomPushOptions;
  readonly client: ProviderClient | undefined;
  readonly directory: Directory | undefined;
}

async function toPage(event: ReceivedEvent, opened: Opened, signal: AbortSignal): Promise<PageContents> {
  const { options, client, directory } = opened;
  const notification = parseItem(Notification, parseJsonBody(event), { ...service, item: "notification" });
  const { topic, created_at: at } = notification;
  const { item } = notification.data;
  if (topic === "conversation.deleted") return { episodes: [deletedEpisode(options.app_id, deletedId(item), at)] };
  const isPart = item.type === "conversation_part";
  const conversation = isPart ? await conversationOf(item, client, signal) : await withCompany(item, opened, signal);
  const marked = topic === "conversation_part.redacted" ? asRedacted(conversation, isPart) : conversation;
  // Only where the closing itself is reported its time stands for a part that is missing.
  const statistics = topic === "conversation.admin.closed" ? {} : { statistics: null };
  const conversations = [{ ...marked, ...statistics }];
  const contacts = unnamedContacts(conversations);
  const uses = (known: ContactNames) => contacts.map((id) => known.contact(id)).length > 0;
  // A name is worth a short wait, and no failure.
  const found = await directory?.namesFor({ uses, most: 1, patienceMs, signal });
  return mapConversations(conversations, options, found?.names);
}

/**
 * Some versions of webhooks do not mark the part, and give a notice in the place of its words. The only part of a conversation is the one,
 * and so is a part without a conversation, whatever its mark; of several only a mark says which.
 */
function asRedacted(conversation: object, isAlone: boolean): object {
  return changeParts(conversation, (part, count) => ({ ...part, redacted: isAlone || (part["redacted"] ?? count === 1) }));
}

function deletedId(item: Item): string {
  const deleted = parseItem(Deleted, item, { ...service, item: "deleted conversation" });
  return "conversation_id" in deleted ? deleted.conversation_id : deleted.id;
}

const PartItem = v.looseObject({ conversation_id: anyId() });

/** A notification of a part alone does not say whose conversation it is in: that is requested, and without a token it cannot be mapped. */
async function conversationOf(part: Item, client: ProviderClient | undefined, signal: AbortSignal): Promise<object> {
  const { conversation_id: id } = parseItem(PartItem, part, { ...service, item: "part without its conversation" });
  const conversation = client === undefined ? undefined : await readConversation(client, id, signal);
  return { id, ...conversation, conversation_parts: { conversation_parts: [part] } };
}

/** Versions of webhooks before 2.15 do not say which company a conversation is with. */
async function withCompany(item: Item, { options, client }: Opened, signal: AbortSignal): Promise<object> {
  const id = idOf(item);
  if (options.subject_by !== "organization" || item["company"] !== undefined || client === undefined || id === undefined)
    return item;
  const conversation = await readConversation(client, id, signal);
  return { ...item, company: conversation?.["company"] ?? null };
}
