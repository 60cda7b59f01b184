import type { ConnectorContext } from "../contract/connector.ts";
import type { Secret } from "../secrets/secret.ts";
import { CachedToken } from "./cached-token.ts";
import { basicHeader } from "./basic-header.ts";
import { requestToken, type Grant } from "./request-token.ts";
import type { GrantParameters, TokenEndpoint } from "./token-endpoint.ts";
import type { TokenSource } from "./token-source.ts";

/** A client that acts in its own name at one provider. */
export interface ClientCredentials {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** Several are separated by spaces. */
  readonly scope?: string | undefined;
  /** Where the client's id and secret are sent: the Authorization header, which every provider should take, or the form. Default `header`. */
  readonly sendIn?: "header" | "form";
  /** Further parameters, e.g. `audience`. */
  readonly parameters?: GrantParameters;
  /** See {@link TokenEndpoint.codePrefix}. */
  readonly codePrefix: string;
  readonly provider: string;
  /** Default: set `client_id` and `client_secret`. */
  readonly hint?: string;
}

/**
 * Tokens of the OAuth grant for clients without a user (RFC 6749 §4.4), kept until shortly before they expire. `token()` throws
 * `<PREFIX>_UNAUTHORIZED` for a client that the provider does not accept, and retryable errors for what may pass.
 *
 * @example clientCredentials({ tokenUrl, clientId, clientSecret, scope: "read", codePrefix: "ACME", provider: "Acme" }, context)
 */
export function clientCredentials(
  client: ClientCredentials,
  { clock, fetch }: Pick<ConnectorContext, "clock" | "fetch">,
): TokenSource {
  const { tokenUrl: url, codePrefix, provider } = client;
  const hint = client.hint ?? `set \`client_id\` and \`client_secret\` to those of a client that ${provider} accepts`;
  const endpoint: TokenEndpoint = { url, codePrefix, provider, hint, clock, fetch };
  return new CachedToken({ clock, mint: (signal) => requestToken(endpoint, toGrant(client), signal) });
}

function toGrant({ clientId, clientSecret, scope, sendIn = "header", parameters }: ClientCredentials): Grant {
  const grant = { grant_type: "client_credentials", scope, ...parameters };
  if (sendIn === "form") return { parameters: { ...grant, client_id: clientId, client_secret: clientSecret } };
  // RFC 6749 §2.3.1: both are form-encoded first.
  const authorization = basicHeader(formEncoded(clientId), formEncoded(clientSecret.reveal()));
  return { parameters: grant, headers: { authorization } };
}

function formEncoded(text: string): string {
  return new URLSearchParams({ "": text }).toString().slice("=".length);
}
