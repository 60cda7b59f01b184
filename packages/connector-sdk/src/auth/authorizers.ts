import { anonymous, type Authorizer } from "../http/authorizer.ts";
import { isSecret, revealed, type Secret } from "../secrets/secret.ts";
import { basicHeader } from "./basic-header.ts";
import type { TokenSource } from "./token-source.ts";

/**
 * Sends a token as `Authorization: Bearer`: one of an option (none when the option is absent), or one of a source, which is asked for another
 * when the provider refuses it.
 *
 * @param account Of a source: the account that the provider counts requests for, e.g. the client id; see {@link Authorizer.account}.
 */
export function bearer(token: Secret | TokenSource | undefined, { account }: Pick<Authorizer, "account"> = {}): Authorizer {
  if (token === undefined) return anonymous;
  if (isSecret(token)) return { headers: () => bearerHeader(token) };
  let sent: Secret | undefined;
  return {
    renews: true,
    ...(account === undefined ? {} : { account }),
    async headers(signal) {
      sent = await token.token(signal);
      return bearerHeader(sent);
    },
    forget(refused) {
      // Another request may have sent a newer one in the meantime.
      if (sent !== undefined && refused["authorization"] === bearerHeader(sent).authorization) token.forget(sent);
    },
  };
}

/** Sends a user and a password as `Authorization: Basic`. Some providers take an API key as the user and any password. */
export function basic(user: string | Secret, password: string | Secret): Authorizer {
  return { headers: () => ({ authorization: basicHeader(revealed(user), revealed(password)) }) };
}

/** Sends a key as a header of its own. */
export function apiKey(header: string, key: Secret): Authorizer {
  return { headers: () => ({ [header.toLowerCase()]: key.reveal() }) };
}

function bearerHeader(token: Secret): { readonly authorization: string } {
  return { authorization: `Bearer ${token.reveal()}` };
}
