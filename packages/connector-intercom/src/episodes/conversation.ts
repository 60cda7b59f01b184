import { parseItem } from "@statewave-connectors/connector-sdk";
import { anyId, itemText, toFields } from "@statewave-connectors/connector-sdk/items";
import * as v from "valibot";
import { service } from "../client.ts";
import { anyTime } from "./any-time.ts";

/** The id of what an item only mentions. Some channels leave it blank. */
const MentionedId = v.nullish(
  v.union([
    anyId(),
    v.pipe(
      v.literal(""),
      v.transform(() => undefined),
    ),
  ]),
);

/** A person, a team, a bot; some channels give none. */
const PartAuthor = v.nullish(
  v.object({
    type: itemText(),
    id: MentionedId,
    name: itemText(),
    email: itemText(),
    from_ai_agent: v.nullish(v.boolean(), false),
  }),
);

const Attachments = v.nullish(v.array(v.object({ name: itemText() })), []);

/** The message that began a conversation. It is not repeated among the parts. */
const Source = v.object({
  type: itemText(),
  subject: itemText(),
  body: itemText(),
  author: PartAuthor,
  attachments: Attachments,
  redacted: v.nullish(v.boolean(), false),
});

const Contacts = v.array(v.object({ id: anyId() }));

const Rating = v.nullish(
  v.object({
    rating: v.nullish(v.number()),
    remark: itemText(),
    created_at: v.nullish(anyTime()),
    updated_at: v.nullish(anyTime()),
  }),
);

/** Ratings of the AI agent are times and words of its own. */
const AiAgent = v.nullish(
  v.object({ rating: v.nullish(v.number()), rating_remark: itemText(), updated_at: v.nullish(anyTime()) }),
);

/** The container of the parts. A search lists conversations without it. */
export const Parts = v.looseObject({ conversation_parts: v.array(v.unknown()), total_count: v.nullish(v.number()) });

const Conversation = v.object({
  id: anyId(),
  created_at: anyTime(),
  updated_at: v.nullish(anyTime()),
  state: itemText(),
  title: itemText(),
  source: Source,
  // Versions before 2.6 give the list itself. What is common comes first: a form that does not fit costs as much as the whole rest.
  contacts: v.nullish(
    v.union([
      v.pipe(
        v.object({ contacts: Contacts }),
        v.transform(({ contacts }) => contacts),
      ),
      Contacts,
    ]),
    [],
  ),
  // Absent before 2.15.
  company: v.nullish(v.object({ id: MentionedId, name: itemText() })),
  conversation_rating: Rating,
  ai_agent: AiAgent,
  statistics: v.nullish(v.object({ last_close_at: v.nullish(anyTime()) })),
  conversation_parts: v.nullish(Parts),
});

/** What happened in a conversation: a message, a note, or a change of state, which may have words, too. */
const ConversationPart = v.object({
  id: anyId(),
  part_type: v.string(),
  body: itemText(),
  created_at: anyTime(),
  updated_at: v.nullish(anyTime()),
  author: PartAuthor,
  attachments: Attachments,
  redacted: v.nullish(v.boolean(), false),
});

export type PartAuthor = v.InferOutput<typeof PartAuthor>;
export type Conversation = v.InferOutput<typeof Conversation>;
export type ConversationPart = v.InferOutput<typeof ConversationPart>;
export type Attachments = v.InferOutput<typeof Attachments>;

/** @throws INTERCOM_ITEM_UNMAPPABLE */
export function parseConversation(raw: unknown): Conversation {
  return parseItem(Conversation, raw, { ...service, item: "conversation" });
}

/** @throws INTERCOM_ITEM_UNMAPPABLE */
export function parsePart(raw: unknown): ConversationPart {
  return parseItem(ConversationPart, raw, { ...service, item: "part of a conversation" });
}

/** The id of a conversation or a part whose other fields are not known. */
export function idOf(raw: unknown): string | undefined {
  const id = v.safeParse(anyId(), toFields(raw)?.["id"]);
  return id.success ? id.output : undefined;
}
