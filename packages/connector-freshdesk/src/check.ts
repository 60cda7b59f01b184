import { type CheckResult, describeError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { isProviderError, type ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { oneLine } from "@statewave-connectors/connector-sdk/text";
import * as v from "valibot";
import { aboutRatings } from "./errors.ts";
import type { FreshdeskPullOptions } from "./pull-options.ts";
import { Rows } from "./rows.ts";

interface Look {
  readonly target: string;
  readonly what: string;
  /** Default: the `what`. */
  readonly about?: string;
  /** What is missing without the right; undefined: the entry needs it. */
  readonly without?: string;
}

/** Whose key it is, how much that agent sees, and whether it may read what is enabled. */
export async function checkPull(
  client: ProviderClient,
  { ratings }: FreshdeskPullOptions,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const looks: readonly Look[] = [
    { target: "tickets", what: "tickets" },
    ...(ratings ? [{ target: "surveys/satisfaction_ratings", what: "satisfaction ratings", about: aboutRatings }] : []),
    { target: "agents", what: "agents", without: "agents appear without their names" },
    { target: "companies", what: "companies", without: "customers appear without their companies" },
  ];
  const results = [await checkAgent(client, signal)];
  // The others would fail alike.
  if (results.some(({ ok }) => !ok)) return results;
  for (const look of looks) results.push(await checkList(client, look, signal));
  return results;
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

async function checkList(
  client: ProviderClient,
  { target, what, without, about = `the ${what}` }: Look,
  signal: AbortSignal,
): Promise<CheckResult> {
  const look = async () => {
    try {
      await client.get(target, { query: { per_page: 1 }, about, schema: Rows, signal });
    } catch (error) {
      if (without === undefined || !isProviderError(error, "forbidden")) throw error;
      return `the agent of ${client.entry} may not list ${what}: ${without}`;
    }
    return `${client.entry} can read ${what}`;
  };
  return await attempt(client, signal, look);
}

async function attempt(client: ProviderClient, signal: AbortSignal, look: () => Promise<string>): Promise<CheckResult> {
  try {
    return { ok: true, message: await look() };
  } catch (error) {
    signal.throwIfAborted();
    if (!isConnectorsError(error)) throw error;
    return { ok: false, message: describeError(error), error };
  }
}
