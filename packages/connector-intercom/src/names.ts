import type { ConnectorContext } from "@statewave-connectors/connector-sdk";
import { isProviderError, path, type ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { itemText, stringField, toFields, toFieldsList } from "@statewave-connectors/connector-sdk/items";
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
    const { source, contacts, conversation_parts: parts } = toFields(raw) ?? {};
    if (isContactType(stringField(toFields(toFields(source)?.["author"]), "type"))) return [];
    const [first] = toFieldsList(toFields(contacts)?.["contacts"] ?? contacts);
    const contact = idOf(first);
    const written = toFieldsList(toFields(parts)?.["conversation_parts"]);
    const hasWritten = written.some(({ author }) => idOf(author) === contact);
    return contact === undefined || hasWritten ? [] : [contact];
  });
}
