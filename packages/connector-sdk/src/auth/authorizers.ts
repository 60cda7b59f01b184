import { anonymous, type Authorizer, type RequestHeaders } from "../http/authorizer.ts";
import { isSecret, revealed, type Secret } from "../secrets/secret.ts";
import { basicHeader } from "./basic-header.ts";
import type { TokenSource } from "./token-source.ts";

/**
 * Sends a token as `Authorization: Bearer`: one of an option (none when the option is absent), or one of a source, which is called for another
 * when the provider refuses it.
 *
 * @param account Of a source: the account that the provider counts requests for, e.g. the client id; see {@link Authorizer.account}.
 */
export function bearer(token: Secret | TokenSource | undefined, { account }: Pick<Authorizer, "account"> = {}): Authorizer {
  if (token === undefined) return anonymous;
  if (isSecret(token)) return always(bearerHeader(token));
  let sent: { readonly token: Secret; readonly headers: RequestHeaders } | undefined;
  return {
    renews: true,
    ...(account === undefined ? {} : { account }),
    async headers(signal) {
      const current = await token.token(signal);
      if (sent?.token !== current) sent = { token: current, headers: bearerHeader(current) };
      return sent.headers;
    },
    forget(refused) {
      // Another request may have sent a newer one in the meantime.
      if (sent !== undefined && refused["authorization"] === sent.headers["authorization"]) token.forget(sent.token);
    },
  };
}

/** Sends a user and a password as `Authorization: Basic`. Some providers take an API key as the user and any password. */
export function basic(user: string | Secret, password: string | Secret): Authorizer {
  return always({ authorization: basicHeader(revealed(user), revealed(password)) });
}

/** Sends a key as a header of its own. */
export function apiKey(header: string, key: Secret): Authorizer {
  return always({ [header.toLowerCase()]: key.reveal() });
}

function always(headers: RequestHeaders): Authorizer {
  return { headers: () => headers };
}

function bearerHeader(token: Secret): RequestHeaders {
  return { authorization: `Bearer ${token.reveal()}` };
}
