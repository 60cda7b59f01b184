import { itemText, itemTime } from "@statewave-connectors/connector-sdk/items";
import { fromInstant, toInstant } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import { id } from "./rows.ts";

const optionalId = () =>
  v.pipe(
    v.nullish(id()),
    v.transform((given) => given ?? undefined),
  );
/** The same instant has the same spelling, because keys hold times. */
const time = () =>
  v.pipe(
    itemTime(),
    v.transform((text) => toInstant(fromInstant(text))),
  );
const optionalTime = () =>
  v.pipe(
    v.nullish(time()),
    v.transform((given) => given ?? undefined),
  );
const flag = () =>
  v.pipe(
    v.nullish(v.boolean()),
    v.transform((given) => given ?? false),
  );
const files = () => v.nullish(v.array(v.object({ name: itemText() })), []);

const Requester = v.nullish(v.object({ name: itemText() }));

const Stats = v.object({
  resolved_at: optionalTime(),
  closed_at: optionalTime(),
  reopened_at: optionalTime(),
  status_updated_at: optionalTime(),
});

/** What an episode says of the ticket that it belongs to. */
const Brief = v.object({
  id: id(),
  subject: itemText(),
  requester_id: id(),
  company_id: optionalId(),
  requester: Requester,
});

const Ticket = v.object({
  ...Brief.entries,
  created_at: time(),
  status: v.pipe(v.number(), v.integer()),
  /** Where it came from, as a number. */
  source: v.optional(v.unknown()),
  description: itemText(),
  description_text: itemText(),
  responder_id: optionalId(),
  attachments: files(),
  stats: v.nullish(Stats),
});

const Conversation = v.object({
  id: id(),
  created_at: time(),
  body: itemText(),
  body_text: itemText(),
  private: flag(),
  incoming: flag(),
  user_id: optionalId(),
  from_email: itemText(),
  attachments: files(),
});

const Answers = v.union([
  v.record(v.string(), v.nullable(v.number())),
  v.array(v.object({ question: v.string(), value: v.nullable(v.number()) })),
]);

const Rating = v.object({
  id: id(),
  ticket_id: id(),
  user_id: id(),
  created_at: time(),
  feedback: itemText(),
  ratings: Answers,
});

/** Names that the API keeps elsewhere, as they were looked up; a retry of the item needs no request. */
const ItemNames = v.partial(
  v.object({ requester: v.string(), company: v.string(), agent: v.string(), author: v.string(), status: v.string() }),
);

/** One item: what a page holds, and what a dead letter keeps. */
export const Item = v.variant("of", [
  v.object({ of: v.literal("ticket"), ticket: Ticket, names: ItemNames }),
  v.object({ of: v.literal("conversation"), ticket: Brief, conversation: Conversation, names: ItemNames }),
  v.object({ of: v.literal("rating"), ticket: v.nullish(Brief), rating: Rating, names: ItemNames }),
]);

export type Item = v.InferOutput<typeof Item>;
export type ItemOf<Kind extends Item["of"]> = Extract<Item, { readonly of: Kind }>;
export type ItemNames = v.InferOutput<typeof ItemNames>;
export type Brief = v.InferOutput<typeof Brief>;

/** Freshdesk's own statuses; all others are named by the account. */
export const ownStatuses: ReadonlySet<string> = new Set(["2", "3", "4", "5"]);
