import type { Episode } from "@statewave-connectors/connector-sdk";
import { withoutUndefined } from "@statewave-connectors/connector-sdk/items";
import { oneLine, shorten } from "@statewave-connectors/connector-sdk/text";
import type { MappingOptions, Region } from "../shared-options.ts";
import { wordsOf } from "./body-text.ts";
import { type ContactNames, contactNameOf } from "../names.ts";
import type { Conversation } from "./conversation.ts";
import { isContact, nameOf } from "./person.ts";

/** What all episodes of a conversation have in common. */
export interface Frame {
  readonly subject: string;
  readonly session: string;
  readonly app: string;
  /** The id of the conversation. */
  readonly id: string;
  readonly url: string;
  /** How texts name the contact; undefined: the name is not known. */
  readonly contactName: string | undefined;
  /** What the conversation is about: its title, the subject of its mail, or its first words. Empty where it has none. */
  readonly title: string;
  readonly metadata: NonNullable<Episode["metadata"]>;
}

const maxTitle = 100;

const inboxes: Readonly<Record<Region, string>> = {
  us: "https://app.intercom.com",
  eu: "https://app.eu.intercom.com",
  au: "https://app.au.intercom.com",
};

export function frameOf(
  conversation: Conversation,
  { app_id: app, region, subject_by }: MappingOptions,
  names: ContactNames,
): Frame {
  const { id, company, source, state } = conversation;
  const contact = contactOf(conversation);
  return {
    app,
    id,
    subject: subjectOf(conversation, app, subject_by),
    session: `intercom-${app}-${id}`,
    url: `${inboxes[region]}/a/inbox/${app}/inbox/conversation/${encodeURIComponent(id)}`,
    contactName: isContact(source.author) ? nameOf(source.author) : contactNameOf(conversation, names),
    title: titleOf(conversation),
    metadata: withoutUndefined({
      conversation_id: id,
      contact_id: contact,
      company_id: company?.id ?? undefined,
      company_name: company?.name || undefined,
      channel: source.type || undefined,
      state: state || undefined,
    }),
  };
}

/** The subject of what is known of a conversation by its id alone. */
export function conversationSubject(app: string, id: string): string {
  return `conversation:intercom.${app}.${id}`;
}

function subjectOf(conversation: Conversation, app: string, by: MappingOptions["subject_by"]): string {
  const { id, company } = conversation;
  const contact = contactOf(conversation);
  const organization = company?.id ?? undefined;
  if (by === "organization" && organization !== undefined) return `organization:intercom.${app}.${organization}`;
  if (by === "conversation" || contact === undefined) return conversationSubject(app, id);
  return `customer:intercom.${app}.${contact}`;
}

/** Of several contacts the one that wrote first: others may be attached and detached while it lasts. */
function contactOf({ source, contacts }: Conversation): string | undefined {
  const writer = isContact(source.author) ? source.author?.id : undefined;
  return writer ?? contacts[0]?.id;
}

function titleOf({ title, source }: Conversation): string {
  const named = oneLine(wordsOf(title)) || oneLine(wordsOf(source.subject));
  const first = named === "" && !source.redacted ? oneLine(wordsOf(source.body)) : named;
  return shorten(first, maxTitle);
}
