import type { ConnectorContext, Secret } from "@statewave-connectors/connector-sdk";
import { basic, bearer, clientCredentials } from "@statewave-connectors/connector-sdk/auth";

/** The credentials of an entry. One way to sign in is given whole. */
export interface SignIn {
  readonly subdomain: string;
  readonly base_url?: string | undefined;
  readonly client_id?: string | undefined;
  readonly client_secret?: Secret | undefined;
  readonly oauth_token?: Secret | undefined;
  readonly email?: string | undefined;
  readonly api_token?: Secret | undefined;
}

/** After this Zendesk takes no API token. */
export const apiTokensEnd = "2027-04-30";

export function authorizeBy(
  { client_id, client_secret, oauth_token, email, api_token }: SignIn,
  {
    base_url,
    ...names
  }: { readonly provider: string; readonly codePrefix: string; readonly base_url: string; readonly entry: string },
  context: ConnectorContext,
) {
  if (client_id !== undefined && client_secret !== undefined) {
    const client = {
      ...names,
      tokenUrl: `${base_url}/oauth/tokens`,
      clientId: client_id,
      clientSecret: client_secret,
      sendIn: "form",
      scope: "read",
    } as const;
    return bearer(clientCredentials(client, context), { account: client_id });
  }
  if (email !== undefined && api_token !== undefined) return basic(`${email}/token`, api_token);
  return bearer(oauth_token);
}

/** What to do when Zendesk refuses the credentials. */
export function hintBy({ client_id, email }: SignIn): string {
  if (client_id !== undefined) return "set `client_id` and `client_secret` to those of a confidential OAuth client";
  if (email !== undefined) {
    return `use an OAuth client instead, or replace \`email\` and \`api_token\`: Zendesk switches API tokens off by ${apiTokensEnd}`;
  }
  return "set `oauth_token` to a token that is valid, or use an OAuth client";
}
