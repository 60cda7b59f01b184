import type { ConnectorContext } from "@statewave-connectors/connector-sdk";
import { isProviderError, path, type ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { type Fields, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { NameDirectory, type Names } from "@statewave-connectors/connector-sdk/names";
import { oneLine } from "@statewave-connectors/connector-sdk/text";
import * as v from "valibot";
import { briefOf, Rows } from "../rows.ts";
import { NameList, type NameListOptions } from "./name-list.ts";

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

const Row = v.looseObject({});
const isNotFound = (error: unknown) => isProviderError(error, "not_found") || isProviderError(error, "gone");

/** What is known by name, and how many pages of the lists of names were read so far. */
export interface OpenedDirectory {
  readonly directory: Directory;
  readonly pagesRead: () => number;
}

/** Who and what an id stands for, requested from Freshdesk. */
export function openDirectory(client: ProviderClient, { clock, logger }: ConnectorContext): OpenedDirectory {
  const row = async (target: string, signal: AbortSignal) => (await client.get(target, { signal, schema: Row })).body;
  const listOf = (list: string, learn: NameListOptions["learn"]) => new NameList({ client, clock, list, learn });
  const agents = listOf("agents", (id, agent) => directory.learn("agent", id, agentName(agent)));
  const companies = listOf("companies", (id, company) => directory.learn("company", id, nameOf(company)));
  const directory: Directory = new NameDirectory<Known>({
    clock,
    logger,
    attempts: 3,
    kinds: {
      agent: {
        method: "agents",
        async fetch(id, signal) {
          await agents.readOn(signal);
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
        async fetch(id, signal) {
          await companies.readOn(signal);
          return directory.names.company(id) ?? nameOf(await row(path`companies/${id}`, signal));
        },
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
  return { directory, pagesRead: () => agents.pagesRead + companies.pagesRead };
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
