import type { ConnectorContext } from "@statewave-connectors/connector-sdk";
import type { ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { type Fields, idField, stringField, toFields, toFieldsList } from "@statewave-connectors/connector-sdk/items";
import { NameDirectory, type Names } from "@statewave-connectors/connector-sdk/names";
import type { User } from "../episodes/records.ts";
import { readBrands } from "./read-brands.ts";
import { factsOrGone, type RememberedTicket } from "./ticket-facts.ts";

/** What is known by id. Tickets first: they lead to the others. */
export interface Known {
  readonly ticket: RememberedTicket;
  readonly user: User;
  readonly organization: string;
  readonly brand: string;
}

export type ZendeskNames = Names<Known>;
export type Directory = NameDirectory<Known>;

/** So many ids does `show_many` take. */
const mostAtOnce = 100;
/**
 * A first sync reads tickets ahead of their events, and remembers so many. With its people each takes some 500 bytes, for which the heap grows
 * by twice as much. A desk with more tickets in work at once has the others looked up, 100 in a request.
 */
export const mostTickets = 5_000;

const isAbsent = ({ code }: { readonly code: string }) => code === "ZENDESK_NOT_FOUND";

/** @param attempts How often a look-up is tried at once while it fails for a reason that may pass. */
export function openDirectory(client: ProviderClient, context: ConnectorContext, attempts: number): Directory {
  const showMany = async (list: string, ids: readonly string[], signal: AbortSignal) => {
    const query = { ids: ids.join(",") };
    const { body } = await client.get(`${list}/show_many.json`, { query, signal, about: `the names of ${list}` });
    return rowsById(body, list);
  };
  return new NameDirectory<Known>({
    clock: context.clock,
    logger: context.logger,
    attempts,
    kinds: {
      ticket: {
        method: "tickets/show_many",
        most: mostTickets,
        mostAtOnce,
        // Of a single ticket that is gone Zendesk's answer says nothing: a 404 is about the whole request.
        isAbsent: () => false,
        fetchMany: async (ids, signal) => factsOrGone(ids, await showMany("tickets", ids, signal)),
      },
      user: {
        method: "users/show_many",
        most: mostTickets,
        mostAtOnce,
        isAbsent,
        fetchMany: async (ids, signal) => mapped(await showMany("users", ids, signal), toUser),
      },
      organization: {
        method: "organizations/show_many",
        most: mostTickets,
        mostAtOnce,
        isAbsent,
        fetchMany: async (ids, signal) => mapped(await showMany("organizations", ids, signal), toName),
      },
      brand: {
        method: "brands",
        // They come in one list.
        mostAtOnce: 1_000,
        isAbsent: () => false,
        // One that is gone has an empty name: no name at all means that Zendesk did not answer.
        async fetchMany(ids, signal) {
          const names = await readBrands(client, signal);
          return new Map(ids.map((id) => [id, names.get(id) ?? ""]));
        },
      },
    },
  });
}

/** Takes in what an answer brings beside its list. */
export function learnSideloads(directory: Directory, body: Fields): void {
  for (const [id, row] of rowsById(body, "users")) directory.learn("user", id, toUser(row));
  for (const [id, row] of rowsById(body, "organizations")) directory.learn("organization", id, toName(row));
}

function toUser(row: Fields): User {
  return { name: stringField(row, "name") ?? "", role: stringField(row, "role") ?? "" };
}

function toName(row: Fields): string {
  return stringField(row, "name") ?? "";
}

function rowsById(body: unknown, list: string): ReadonlyMap<string, Fields> {
  const rows = toFieldsList(toFields(body)?.[list]);
  return new Map(rows.map((row) => [idField(row, "id") ?? "", row]));
}

function mapped<Value>(rows: ReadonlyMap<string, Fields>, map: (row: Fields) => Value): ReadonlyMap<string, Value> {
  return new Map([...rows].map(([id, row]) => [id, map(row)]));
}
