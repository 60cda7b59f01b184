import type { ConnectorContext } from "@statewave-connectors/connector-sdk";
import { isProviderError, path, type ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { type Fields, idField, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { NameDirectory, type Names } from "@statewave-connectors/connector-sdk/names";
import { pageNumberPages } from "@statewave-connectors/connector-sdk/paging";
import { oneLine } from "@statewave-connectors/connector-sdk/text";
import * as v from "valibot";
import { freshdesk } from "../client.ts";
import { briefOf, Rows } from "../rows.ts";

/** What is known by id. */
export interface Known {
  readonly agent: string;
  readonly contact: string;
  readonly company: string;
  readonly status: string;
  /** What a rating says of its ticket. */
  readonly ticket: Fields;
}

export type KnownNames = Names<Known>;
export type Directory = NameDirectory<Known>;

/** So long names are remembered. */
const listedForMs = 60 * 60_000;

const Row = v.looseObject({});
const isNotFound = (error: unknown) => isProviderError(error, "not_found") || isProviderError(error, "gone");

/** Who and what an id stands for, requested from Freshdesk. */
export function openDirectory(client: ProviderClient, { clock, logger }: ConnectorContext): Directory {
  const row = async (target: string, signal: AbortSignal) => (await client.get(target, { signal, schema: Row })).body;
  let listedMs = -Infinity;
  const directory: Directory = new NameDirectory<Known>({
    clock,
    logger,
    attempts: 3,
    kinds: {
      agent: {
        method: "agents",
        async fetch(id, signal) {
          if (clock.now() - listedMs >= listedForMs) {
            for (const agent of await firstAgents(client, signal))
              directory.learn("agent", idField(agent, "id") ?? "", agentName(agent));
            listedMs = clock.now();
          }
          return directory.names.agent(id) ?? agentName(await row(path`agents/${id}`, signal));
        },
        isAbsent: isNotFound,
      },
      contact: {
        method: "contacts",
        fetch: async (id, signal) => nameOf(await row(path`contacts/${id}`, signal)),
        isAbsent: isNotFound,
      },
      company: {
        method: "companies",
        fetch: async (id, signal) => nameOf(await row(path`companies/${id}`, signal)),
        isAbsent: isNotFound,
      },
      status: {
        method: "ticket_fields",
        async fetch(id, signal) {
          const { body } = await client.get("ticket_fields", { signal, query: { type: "default_status" }, schema: Rows });
          for (const [status, name] of statusNames(body)) directory.learn("status", status, name);
          return directory.names.status(id);
        },
        isAbsent: isNotFound,
      },
      ticket: {
        method: "tickets",
        most: 2_000,
        fetch: async (id, signal) =>
          briefOf((await client.get(path`tickets/${id}`, { signal, schema: Row, query: { include: "requester" } })).body),
        // Ratings are listed of tickets, too, that the agent may not see.
        isAbsent: (error) => isNotFound(error) || isProviderError(error, "forbidden"),
      },
    },
  });
  return directory;
}

/** Most accounts have fewer agents than a page: one request for all of them. */
async function firstAgents(client: ProviderClient, signal: AbortSignal): Promise<readonly (Fields | undefined)[]> {
  const fetchPage = async (page: number, size: number) => {
    const { body } = await client.get("agents", { signal, query: { page, per_page: size }, schema: Rows });
    return { items: body };
  };
  for await (const { items } of pageNumberPages({ ...freshdesk, list: "agents", signal, fetchPage })) return items.map(toFields);
  return [];
}

function nameOf(row: Fields | undefined): string | undefined {
  const name = oneLine(stringField(row, "name") ?? "");
  return name === "" ? undefined : name;
}

function agentName(agent: Fields | undefined): string | undefined {
  return nameOf(toFields(agent?.["contact"]));
}

/** `choices` of the field: the number of each status with its names, the agents' before the customers'. */
function statusNames(fields: readonly unknown[]): readonly (readonly [string, string])[] {
  const field = fields.map((each) => toFields(each)).find((each) => each?.["type"] === "default_status");
  return Object.entries(toFields(field?.["choices"]) ?? {}).flatMap(([status, names]): [string, string][] => {
    const [name]: unknown[] = Array.isArray(names) ? names : [names];
    return typeof name === "string" && name !== "" ? [[status, oneLine(name)]] : [];
  });
}
