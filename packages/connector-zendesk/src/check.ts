import { type CheckResult, type ConnectorContext, describeError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { isProviderError, type Parameters, type ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { exportLane } from "./client.ts";
import { readBrands } from "./names/read-brands.ts";
import type { ZendeskPullOptions } from "./pull-options.ts";
import type { ZendeskPushOptions } from "./push-options.ts";
import { apiTokensEnd } from "./sign-in.ts";

type Look = () => Promise<CheckResult>;

/** What a right lets an entry read. */
interface Readable {
  readonly right: "admin" | "read";
  readonly what: string;
  readonly target: string;
  readonly query: Parameters;
  readonly lane?: string;
}

/** Any id will do: a missing record needs the same right. */
const ids = 1;
const tickets: Readable = { right: "read", what: "single tickets", target: "tickets/show_many.json", query: { ids } };
const names: readonly Readable[] = [
  { right: "read", what: "people", target: "users/show_many.json", query: { ids } },
  { right: "read", what: "organizations", target: "organizations/show_many.json", query: { ids } },
];
const brandList: Readable = { right: "read", what: "brands", target: "brands.json", query: { "page[size]": 1 } };

/** Who signs in, and whether both exports, single records and every chosen brand can be read. */
export function checkPull(
  client: ProviderClient,
  options: ZendeskPullOptions,
  { clock }: ConnectorContext,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  // Late enough that the answers are small.
  const start_time = Math.floor(clock.now() / 1_000) - 300;
  const anExport = { right: "admin", lane: exportLane } as const;
  const exports: readonly Readable[] = [
    { ...anExport, what: "the tickets", target: "incremental/tickets/cursor.json", query: { start_time, per_page: 1 } },
    { ...anExport, what: "the ticket events", target: "incremental/ticket_events.json", query: { start_time } },
  ];
  return results(signal, [
    () => whoSignsIn(client, options, signal),
    ...[...exports, tickets, ...names].map((readable) => canRead(client, readable, signal)),
    ...brandLooks(client, options, signal),
  ]);
}

/** That the signing secret is right only a delivery can show. */
export async function checkPush(
  client: ProviderClient | undefined,
  options: ZendeskPushOptions,
  { entry, twin, signal }: { readonly entry: string; readonly twin: string | undefined; readonly signal: AbortSignal },
): Promise<readonly CheckResult[]> {
  if (client === undefined) {
    const pull = `[[pull.zendesk]] name = ${JSON.stringify(twin)}`;
    const triggers = twin === undefined ? "and no webhooks of triggers" : `and webhooks of triggers make ${pull} read`;
    return [{ ok: true, message: `${entry} has no credentials: it takes events, without names, ${triggers}` }];
  }
  return results(signal, [
    () => whoSignsIn(client, options, signal),
    ...[tickets, ...names].map((readable) => canRead(client, readable, signal)),
    ...brandLooks(client, options, signal),
  ]);
}

/** Names the right that is missing. */
function canRead(client: ProviderClient, { right, what, target, query, lane }: Readable, signal: AbortSignal): Look {
  return async () => {
    try {
      await client.get(target, { query, signal, about: what, ...(lane !== undefined && { lane }) });
    } catch (error) {
      if (isProviderError(error, "forbidden")) {
        return { ok: false, message: `${client.entry} lacks the right \`${right}\` for ${what}: ${describeError(error)}`, error };
      }
      // The record does not exist, but the right does.
      if (!isProviderError(error, "not_found") || query["ids"] === undefined) throw error;
    }
    return { ok: true, message: `${client.entry} can read ${what}` };
  };
}

async function whoSignsIn(
  client: ProviderClient,
  { subdomain, email }: Pick<ZendeskPullOptions, "subdomain" | "email">,
  signal: AbortSignal,
): Promise<CheckResult> {
  const { body } = await client.get("users/me.json", { signal, about: "who signs in" });
  const user = toFields(toFields(body)?.["user"]);
  const who = `${stringField(user, "name") ?? "a user without a name"} (${stringField(user, "role") ?? "no role"})`;
  // Zendesk answers credentials that it does not know with an anonymous user.
  if (stringField(user, "role") === undefined || user?.["id"] === null) {
    return { ok: false, message: `${client.entry} signs in anonymously at ${subdomain}: check its credentials` };
  }
  const soon = email === undefined ? "" : `; its API token ends by ${apiTokensEnd}, so make an OAuth client`;
  return { ok: true, message: `${client.entry} signs in as ${who} at ${subdomain}${soon}` };
}

function brandLooks(
  client: ProviderClient,
  { brands }: Pick<ZendeskPullOptions, "brands">,
  signal: AbortSignal,
): readonly Look[] {
  if (brands === undefined) return [canRead(client, brandList, signal)];
  return [
    async () => {
      const known = new Set([...(await readBrands(client, signal))].flat());
      const missing = brands.filter((brand) => !known.has(brand));
      if (missing.length === 0) return { ok: true, message: `${client.entry} keeps the brands ${brands.join(", ")}` };
      return { ok: false, message: `${client.entry} names brands that do not exist: ${missing.join(", ")}` };
    },
  ];
}

/** Each look has a result of its own. */
async function results(signal: AbortSignal, looks: readonly Look[]): Promise<readonly CheckResult[]> {
  const found: CheckResult[] = [];
  for (const look of looks) {
    try {
      found.push(await look());
    } catch (error) {
      signal.throwIfAborted();
      if (!isConnectorsError(error)) throw error;
      found.push({ ok: false, message: describeError(error), error });
    }
  }
  return found;
}
