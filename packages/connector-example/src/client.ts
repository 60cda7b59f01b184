import type { ConnectorContext } from "@statewave-connectors/connector-sdk";
import { bearer } from "@statewave-connectors/connector-sdk/auth";
import { ProviderClient } from "@statewave-connectors/connector-sdk/http";
import type { ExamplePullOptions } from "./pull-options.ts";
import { service } from "./service.ts";
import { version } from "./version.ts";

/** The API, as one entry uses it. */
export function openClient({ base_url, token }: ExamplePullOptions, context: ConnectorContext): ProviderClient {
  return new ProviderClient({
    ...service,
    baseUrl: base_url,
    authorize: bearer(token),
    headers: { "user-agent": `statewave-connector-example/${version}` },
    hints: {
      unauthorized: "set `token` to a valid token",
      forbidden: "set `token` to a token with the scope notes:read",
    },
    context,
  });
}
