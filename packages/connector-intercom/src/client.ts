import type { ConnectorContext, Secret } from "@statewave-connectors/connector-sdk";
import { bearer } from "@statewave-connectors/connector-sdk/auth";
import { ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { answers, hints } from "./errors.ts";
import type { Region } from "./shared-options.ts";
import { version } from "./version.ts";

/** The provider's name in sentences, and what its error codes begin with. */
export const service = { provider: "Intercom", codePrefix: "INTERCOM" } as const;

/** Without the header an answer has the form that the app's settings choose. */
export const apiVersion = "2.16";

const hosts: Readonly<Record<Region, string>> = {
  us: "https://api.intercom.io",
  eu: "https://api.eu.intercom.io",
  au: "https://api.au.intercom.io",
};

/** How an entry reaches the API. */
export interface WorkspaceAccess {
  readonly access_token: Secret;
  readonly region: Region;
  readonly base_url?: string | undefined;
}

/** So many conversations are requested at once. */
export const concurrency = 8;

/** The API, as one entry uses it. */
export function openClient(
  { access_token, region, base_url }: WorkspaceAccess,
  context: ConnectorContext,
  way: "pull" | "push" = "pull",
): ProviderClient {
  return new ProviderClient({
    ...service,
    entry: `[[${way}.intercom]] name = ${JSON.stringify(context.source.name)}`,
    baseUrl: base_url ?? hosts[region],
    authorize: bearer(access_token),
    headers: { "user-agent": `statewave-connector-intercom/${version}`, "intercom-version": apiVersion },
    // The limit counts windows of 10 s: a client that waits for the next one is not limited.
    limits: { maxBodyBytes: 32 * 1024 * 1024, concurrency, patienceMs: 15_000 },
    rate: {
      limit: { requests: 1_666, intervalMs: 10_000 },
      // Those in flight do not know yet how many are left.
      headers: { remaining: "x-ratelimit-remaining", reset: "x-ratelimit-reset", reserve: concurrency, defaultWaitMs: 10_000 },
    },
    answers,
    hints,
    context,
  });
}
