import type { ConnectorContext } from "../contract/connector.ts";
import type { Secret } from "../secrets/secret.ts";
import { basicHeader } from "./basic-header.ts";
import { CachedToken } from "./cached-token.ts";
import { type Grant, TokenEndpoint, type TokenEndpointOptions } from "./token-endpoint.ts";
import type { TokenSource } from "./token-source.ts";

/** A client that acts in its own name at one provider. */
export interface ClientCredentials extends Omit<TokenEndpointOptions, "context" | "hint"> {
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** Where the client's id and secret are sent: the Authorization header, which every provider should take, or the form. Default `header`. */
  readonly sendIn?: "header" | "form";
  /** Further parameters, e.g. `audience`. */
  readonly parameters?: Grant["parameters"];
  /** Default: set `client_id` and `client_secret`. */
  readonly hint?: string;
}

/**
 * Tokens of the OAuth grant for clients without a user (RFC 6749 §4.4), kept until shortly before they expire. `token()` throws
 * `<PREFIX>_UNAUTHORIZED` for a client that the provider does not accept, and retryable errors for what may pass.
 *
 * @example bearer(clientCredentials({ tokenUrl, clientId, clientSecret, scope: "read", provider, codePrefix, entry }, context))
 */
export function clientCredentials(client: ClientCredentials, context: Pick<ConnectorContext, "clock" | "fetch">): TokenSource {
  const { tokenUrl, provider, codePrefix, entry, scope } = client;
  const hint = client.hint ?? `set \`client_id\` and \`client_secret\` to those of a client that ${provider} accepts`;
  const endpoint = new TokenEndpoint({ tokenUrl, provider, codePrefix, entry, hint, scope, context });
  const grant = clientGrant(client, { grant_type: "client_credentials", scope });
  return new CachedToken({ clock: context.clock, mint: (signal) => endpoint.request(grant, signal) });
}

/** A client's grant; without a secret its id is in the form. */
export function clientGrant(
  {
    clientId,
    clientSecret,
    sendIn = "header",
    parameters,
  }: Pick<ClientCredentials, "clientId" | "sendIn" | "parameters"> & { readonly clientSecret?: Secret | undefined },
  given: Grant["parameters"],
): Grant {
  const grant = { ...given, ...parameters };
  if (sendIn === "form" || clientSecret === undefined)
    return { parameters: { ...grant, client_id: clientId, client_secret: clientSecret } };
  // RFC 6749 §2.3.1: both are form-encoded first.
  const authorization = basicHeader(formEncoded(clientId), formEncoded(clientSecret.reveal()));
  return { parameters: grant, headers: { authorization } };
}

function formEncoded(text: string): string {
  return new URLSearchParams({ "": text }).toString().slice("=".length);
}
