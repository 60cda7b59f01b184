import { type CheckResult, describeError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { isProviderError, path, type ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { idField, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { oneLine } from "@statewave-connectors/connector-sdk/text";
import * as v from "valibot";
import { aboutRatings } from "./errors.ts";
import type { FreshdeskPullOptions } from "./pull-options.ts";
import { Rows } from "./rows.ts";

interface Look {
  readonly target: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly what: string;
  /** Default: the `what`. */
  readonly about?: string;
  /** What is missing without the right; undefined: the entry needs it. */
  readonly without?: string;
}

const one = { per_page: 1 };
/** Without a date Freshdesk lists the last 30 days only. */
const latest = { ...one, updated_since: "2010-01-01T00:00:00Z", order_by: "updated_at", order_type: "desc" };

/** Whose key it is, how much that agent sees, and whether it may read what is enabled: a line for each right. */
export async function checkPull(
  client: ProviderClient,
  { conversations, ratings }: FreshdeskPullOptions,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const agent = await checkAgent(client, signal);
  // The others would fail alike.
  if (!agent.ok) return [agent];
  const tickets = await look(client, { target: "tickets", query: latest, what: "tickets" }, signal);
  const results = [agent, tickets.result];
  if (conversations && tickets.result.ok) results.push(await checkConversations(client, tickets.rows, signal));
  for (const each of looksOf(ratings)) results.push((await look(client, each, signal)).result);
  return results;
}

function looksOf(ratings: boolean): readonly Look[] {
  const satisfaction = { target: "surveys/satisfaction_ratings", query: one, what: "satisfaction ratings", about: aboutRatings };
  const nameless = "people who write in the ticket of another customer appear without their names";
  return [
    ...(ratings ? [satisfaction] : []),
    { target: "agents", query: one, what: "agents", without: "agents appear without their names" },
    { target: "contacts", query: one, what: "contacts", without: nameless },
    { target: "companies", query: one, what: "companies", without: "customers appear without their companies" },
    {
      target: "ticket_fields",
      query: { type: "default_status" },
      what: "ticket fields",
      without: "statuses that the account added appear by their numbers",
    },
  ];
}

/** Conversations are listed by ticket only. */
async function checkConversations(
  client: ProviderClient,
  tickets: readonly unknown[],
  signal: AbortSignal,
): Promise<CheckResult> {
  const id = idField(toFields(tickets[0]), "id");
  if (id === undefined) return { ok: true, message: `${client.entry} lists no ticket yet: conversations could not be tried` };
  return (await look(client, { target: path`tickets/${id}/conversations`, query: one, what: "conversations" }, signal)).result;
}

async function checkAgent(client: ProviderClient, signal: AbortSignal): Promise<CheckResult> {
  return await attempt(client, signal, async () => {
    const { body } = await client.get("agents/me", { about: "the agent of the key", schema: v.looseObject({}), signal });
    const name = oneLine(stringField(toFields(body["contact"]), "name") ?? "an agent without a name").slice(0, 60);
    return `api_key of ${client.entry} is that of ${name}, who sees ${scopeOf(body["ticket_scope"])}`;
  });
}

/** What an agent does not see is missing without any error. */
function scopeOf(scope: unknown): string {
  if (scope === 1) return "all tickets";
  if (scope === 2) return "only the tickets of their groups and their own: no others are read";
  return scope === 3 ? "only the tickets assigned to them: no others are read" : "the tickets that Freshdesk shows them";
}

async function look(
  client: ProviderClient,
  { target, query = {}, what, without, about = `the ${what}` }: Look,
  signal: AbortSignal,
): Promise<{ readonly result: CheckResult; readonly rows: readonly unknown[] }> {
  let rows: readonly unknown[] = [];
  const result = await attempt(client, signal, async () => {
    try {
      rows = (await client.get(target, { query, about, schema: Rows, signal })).body;
    } catch (error) {
      if (without === undefined || !isProviderError(error, "forbidden")) throw error;
      return `the agent of ${client.entry} may not list ${what}: ${without}`;
    }
    return `${client.entry} can read ${what}`;
  });
  return { result, rows };
}

async function attempt(client: ProviderClient, signal: AbortSignal, act: () => Promise<string>): Promise<CheckResult> {
  try {
    return { ok: true, message: await act() };
  } catch (error) {
    signal.throwIfAborted();
    if (!isConnectorsError(error)) throw error;
    return { ok: false, message: describeError(error), error };
  }
}
