import type { ConnectorContext } from "@statewave-connectors/connector-sdk";
import { basic } from "@statewave-connectors/connector-sdk/auth";
import { ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { answers, hints } from "./errors.ts";
import type { FreshdeskPullOptions } from "./pull-options.ts";
import { version } from "./version.ts";

export const freshdesk = { provider: "Freshdesk", codePrefix: "FRESHDESK" } as const;

type ClientOptions = Pick<FreshdeskPullOptions, "api_key" | "api_reserve" | "base_url" | "domain">;

/** The API of an account, as one agent sees it. */
export function openClient(options: ClientOptions, context: ConnectorContext): ProviderClient {
  const { api_key, api_reserve, domain, base_url = `https://${domain}.freshdesk.com` } = options;
  return new ProviderClient({
    ...freshdesk,
    baseUrl: `${base_url}/api/v2`,
    baseUrlOption: "domain",
    // Freshdesk reads the key and ignores the password.
    authorize: basic(api_key, "X"),
    headers: { "user-agent": `statewave-connector-freshdesk/${version}` },
    limits: { maxBodyBytes: 32 * 1024 * 1024, concurrency: 5 },
    rate: {
      headers: {
        remaining: "x-ratelimit-remaining",
        limit: "x-ratelimit-total",
        reserveShare: api_reserve / 100,
        // Limits are per minute, and no header says when the minute ends.
        defaultWaitMs: 60_000,
      },
    },
    answers,
    hints,
    parameterOptions: { updated_since: "since_default", created_since: "since_default" },
    context,
  });
}
