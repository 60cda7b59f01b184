import { type ConnectorContext, ConnectorsError, Secret } from "@statewave-connectors/connector-sdk";
import {
  CachedToken,
  TokenEndpoint,
  type TokenEndpointOptions,
  type TokenSource,
} from "@statewave-connectors/connector-sdk/auth";
import { SignJWT } from "jose";
import { parseServiceAccountKey, type ServiceAccountKey } from "./service-account-key.ts";

/** An account that acts in its own name, or for the users of a domain. */
export interface ServiceAccount extends Pick<TokenEndpointOptions, "provider" | "codePrefix" | "entry"> {
  /** The content of its key file. */
  readonly key: string | Secret;
  /** The entry's option that holds the key: hints name it. */
  readonly keyOption: string;
  /** Several are separated by spaces. */
  readonly scope: string;
  /** The user in whose name it acts, where the domain delegates that to it. */
  readonly subject?: string | undefined;
}

/** The longest that Google takes. */
const assertionSeconds = 3_600;
/** The assertion begins a minute ago, for clocks that are fast. */
const backdatedSeconds = 60;

/**
 * Tokens of a service account by a signed assertion (RFC 7523), kept until shortly before they expire. `token()` throws
 * `<PREFIX>_UNAUTHORIZED` for a key that the provider does not accept, and retryable errors for what may pass.
 *
 * @example bearer(serviceAccount({ key, keyOption: "service_account_key", scope, subject: mailbox, provider, codePrefix, entry }, context))
 * @see https://developers.google.com/identity/protocols/oauth2/service-account#httprest
 */
export function serviceAccount(account: ServiceAccount, context: Pick<ConnectorContext, "clock" | "fetch">): TokenSource {
  const key = parseServiceAccountKey(account.key);
  if (key === undefined) return { token: () => Promise.reject(unusableKey(account)), forget: () => undefined };
  const { provider, codePrefix, entry, scope } = account;
  const endpoint = new TokenEndpoint({
    tokenUrl: key.tokenUrl,
    provider,
    codePrefix,
    entry,
    scope,
    hint: hintFor(account),
    context,
  });
  const mint = async (signal: AbortSignal) => {
    const parameters = {
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      assertion: new Secret(await assertion(key, account, context.clock.now()), { minted: true }),
    };
    return await endpoint.request({ parameters }, signal);
  };
  return new CachedToken({ clock: context.clock, mint });
}

function assertion(key: ServiceAccountKey, { scope, subject }: ServiceAccount, nowMs: number): Promise<string> {
  const { clientEmail, privateKey, keyId, tokenUrl } = key;
  const issuedAt = Math.floor(nowMs / 1_000) - backdatedSeconds;
  const claims = new SignJWT({ scope, ...(subject === undefined ? {} : { sub: subject }) })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", ...(keyId === undefined ? {} : { kid: keyId }) })
    .setIssuer(clientEmail)
    .setAudience(tokenUrl)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + assertionSeconds);
  return claims.sign(privateKey);
}

function hintFor({ keyOption, subject, scope, provider }: ServiceAccount): string {
  const key = `set \`${keyOption}\` to a key of an account that exists at ${provider}, and check that this machine's clock is right`;
  return subject === undefined ? key : `${key}; for ${subject} the domain must delegate \`${scope}\` to the account`;
}

function unusableKey({ codePrefix, keyOption, entry }: ServiceAccount): ConnectorsError {
  return new ConnectorsError({
    code: `${codePrefix}_UNAUTHORIZED`,
    message: `\`${keyOption}\` of ${entry} holds no key of a service account`,
    hint: `set \`${keyOption}\` to the content of the JSON file that the provider made with the key`,
  });
}
