import type { ConnectorContext } from "@statewave-connectors/connector-sdk";
import { type AnswerRow, ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { authorizeBy, hintBy, type SignIn } from "./sign-in.ts";
import { version } from "./version.ts";

export const zendesk = { provider: "Zendesk", codePrefix: "ZENDESK" } as const;

/** The lane of the exports: all of them together have a limit of their own. */
export const exportLane = "exports";

/** What of an entry's options the client is made from. */
export interface ClientOptions extends SignIn {
  readonly exports_per_minute?: number;
}

const adminHint =
  "let an admin create the OAuth client or token, with the scope `read`: Zendesk gives the exports to admins only";

const answers: readonly AnswerRow[] = [
  // The clocks differ by a few seconds.
  { status: [400, 422], when: ({ message }) => message.includes("StartTime"), is: "unavailable" },
  { status: 403, when: ({ requestName }) => requestName.includes("/incremental/"), is: "forbidden", hint: adminHint },
  {
    status: 403,
    is: "forbidden",
    hint: "give the client or token the scope `read`, and its user the right to see what is requested",
  },
];

/** Zendesk's API, as one entry uses it. */
export function openClient(options: ClientOptions, context: ConnectorContext, entry: string): ProviderClient {
  const { subdomain, base_url = `https://${subdomain}.zendesk.com`, exports_per_minute: requests = 10 } = options;
  return new ProviderClient({
    ...zendesk,
    entry,
    baseUrl: `${base_url}/api/v2`,
    authorize: authorizeBy(options, { ...zendesk, base_url, entry }, context),
    headers: { "user-agent": `statewave-connector-zendesk/${version}` },
    // 1,000 tickets have about 4 MiB, 1,000 events with their comments up to 10.
    limits: { timeoutMs: 60_000, maxBodyBytes: 32 * 1024 * 1024 },
    rate: {
      lanes: {
        [exportLane]: { requests, intervalMs: 60_000, hint: "set `exports_per_minute` to what the plan allows" },
      },
      headers: { remaining: "ratelimit-remaining", reset: "ratelimit-reset", resetUnit: "seconds" },
    },
    answers,
    hints: { unauthorized: hintBy(options), not_found: "check `subdomain`: it is the account's own, not a host-mapped name" },
    parameterOptions: { start_time: "since_default", support_type_scope: "support_type_scope" },
    context,
  });
}
