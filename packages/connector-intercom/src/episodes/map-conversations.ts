import { type Episode, type FailedItem, mapItems, parseItem } from "@statewave-connectors/connector-sdk";
import { toFields } from "@statewave-connectors/connector-sdk/items";
import type { PageContents } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import { service } from "../client.ts";
import { type ContactNames, contactNameOf, noNames, unnamedContacts } from "../names.ts";
import type { MappingOptions } from "../shared-options.ts";
import { type Conversation, idOf, parseConversation, parsePart } from "./conversation.ts";
import { conversationEpisodes } from "./conversation-episodes.ts";
import { type Frame, frameOf } from "./frame.ts";
import { partEpisodes } from "./part-episodes.ts";
import { withoutNotes } from "./without-notes.ts";

/** A failed item: a conversation with its parts, or with one of them by itself, and the name that was looked up for it. */
const Failed = v.object({ conversation: v.unknown(), part: v.optional(v.unknown()), contact_name: v.nullish(v.string()) });

/** A conversation, or one of its parts, as a dead letter keeps it. It is mapped again without any request. */
export function toRawItem(conversation: unknown, names: ContactNames, part?: unknown): v.InferOutput<typeof Failed> {
  // Whole, it shows the name of a contact who has written.
  const isShown = part === undefined && unnamedContacts([conversation]).length === 0;
  const contact = isShown ? undefined : contactNameOf(conversation, names);
  return {
    ...(part === undefined ? { conversation } : { conversation: { ...toFields(conversation), conversation_parts: null }, part }),
    ...(contact !== undefined && { contact_name: contact }),
  };
}

/** The episodes of conversations as the API and webhooks give them. A broken part costs nothing but itself. */
export function mapConversations(
  conversations: readonly unknown[],
  options: MappingOptions,
  names: ContactNames = noNames,
): PageContents {
  const skipped: Record<string, number> = {};
  const ofParts: FailedItem[] = [];
  // What fails is kept as it is here.
  const kept = options.internal_notes ? conversations : conversations.map((each) => withoutNotes(each));
  const { episodes, failures } = mapItems(kept, {
    id: (raw) => idOf(raw) ?? "",
    raw: (conversation) => toRawItem(conversation, names),
    map(raw) {
      const read = readConversation(raw, options, names);
      const parts = mapItems(read.parts, {
        id: (part) => partId(read.frame.id, part),
        raw: (part) => toRawItem(raw, names, part),
        map: (part) => episodesOfPart(part, read.frame, options, skipped),
      });
      ofParts.push(...parts.failures);
      return inOrder(read, parts.episodes);
    },
  });
  const allFailures = [...failures, ...ofParts];
  return {
    episodes,
    ...(allFailures.length > 0 && { failures: allFailures }),
    ...(Object.keys(skipped).length > 0 && { skipped }),
  };
}

/** Empty where the part has none: then one is made from its raw form. */
function partId(conversation: string, part: unknown): string {
  const id = idOf(part);
  return id === undefined ? "" : `${conversation}/${id}`;
}

/** The episodes of a failed item, mapped again. Throws INTERCOM_ITEM_UNMAPPABLE while it cannot be mapped. */
export function mapFailed(raw: unknown, options: MappingOptions): readonly Episode[] {
  const failed = parseItem(Failed, raw, { ...service, item: "failed item" });
  const read = readConversation(failed.conversation, options, { contact: () => failed.contact_name ?? undefined });
  if (failed.part !== undefined) return episodesOfPart(failed.part, read.frame, options);
  return inOrder(
    read,
    read.parts.flatMap((part) => episodesOfPart(part, read.frame, options)),
  );
}

interface ReadConversation {
  readonly conversation: Conversation;
  readonly frame: Frame;
  readonly parts: readonly unknown[];
}

function readConversation(raw: unknown, options: MappingOptions, names: ContactNames): ReadConversation {
  const conversation = parseConversation(raw);
  const parts = conversation.conversation_parts?.conversation_parts ?? [];
  return { conversation, frame: frameOf(conversation, options, names), parts };
}

/** The first message, what followed, and what the conversation proves besides. */
function inOrder({ conversation, frame }: ReadConversation, ofParts: readonly Episode[]): readonly Episode[] {
  const closings = ofParts.filter(({ kind }) => kind === "intercom.conversation.closed").map((each) => each.occurred_at);
  const [created, ...rest] = conversationEpisodes(conversation, frame, closings);
  return created === undefined ? ofParts : [created, ...ofParts, ...rest];
}

function episodesOfPart(
  raw: unknown,
  frame: Frame,
  options: MappingOptions,
  skipped: Record<string, number> = {},
): readonly Episode[] {
  const mapped = partEpisodes(parsePart(raw), frame, options);
  if (typeof mapped !== "string") return mapped;
  skipped[mapped] = (skipped[mapped] ?? 0) + 1;
  return [];
}
