import type { ConnectorContext } from "@statewave-connectors/connector-sdk";
import { isProviderError, path, type ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { type Fields, itemText, stringField, toFields, toFieldsList } from "@statewave-connectors/connector-sdk/items";
import { NameDirectory, type Names } from "@statewave-connectors/connector-sdk/names";
import { oneLine } from "@statewave-connectors/connector-sdk/text";
import * as v from "valibot";
import { idOf } from "./episodes/conversation.ts";
import { isContactType } from "./episodes/person.ts";

/** What is looked up: the names of contacts. */
export interface Known {
  readonly contact: string;
}

export type ContactNames = Names<Known>;
export type Directory = NameDirectory<Known>;

export const noNames: ContactNames = { contact: () => undefined };

const Contact = v.object({ name: itemText(), email: itemText() });

/** @param attempts How often a look-up is tried at once while it fails for a reason that may pass. */
export function openDirectory(client: ProviderClient, { clock, logger }: ConnectorContext, attempts: number): Directory {
  return new NameDirectory<Known>({
    clock,
    logger,
    attempts,
    kinds: {
      contact: {
        method: "GET /contacts/{id}",
        fetch: async (id, signal) => {
          const { body } = await client.get(path`contacts/${id}`, { schema: Contact, about: `contact ${id}`, signal });
          return oneLine(body.name) || oneLine(body.email) || undefined;
        },
        // Deleted, or merged into another contact.
        isAbsent: (error) => isProviderError(error, "not_found") || isProviderError(error, "gone"),
      },
    },
  });
}

/**
 * The contacts of conversations that do not show their names: those that a teammate or a bot began, and in which the contact has not
 * written. Only looked at: what has another form than expected is found out where it is mapped.
 */
export function unnamedContacts(conversations: readonly unknown[]): readonly string[] {
  return conversations.flatMap((raw) => {
    const { source } = toFields(raw) ?? {};
    if (isContactType(stringField(toFields(toFields(source)?.["author"]), "type"))) return [];
    const contact = firstContactOf(raw);
    return contact === undefined || partAuthorOf(raw, contact) !== undefined ? [] : [contact];
  });
}

/** The name of the contact of a conversation that another person or a bot began: as the contact's answers show it, or as it was looked up. */
export function contactNameOf(raw: unknown, names: ContactNames): string | undefined {
  const contact = firstContactOf(raw);
  if (contact === undefined) return undefined;
  const author = partAuthorOf(raw, contact);
  return stringField(author, "name") ?? stringField(author, "email") ?? names.contact(contact);
}

function firstContactOf(raw: unknown): string | undefined {
  const { contacts } = toFields(raw) ?? {};
  return idOf(toFieldsList(toFields(contacts)?.["contacts"] ?? contacts)[0]);
}

function partAuthorOf(raw: unknown, id: string): Fields | undefined {
  const { conversation_parts: parts } = toFields(raw) ?? {};
  const authors = toFieldsList(toFields(parts)?.["conversation_parts"]).map(({ author }) => toFields(author));
  return authors.find((author) => idOf(author) === id);
}
