import { type ConnectorContext, Secret } from "@statewave-connectors/connector-sdk";
import { clientCredentials, refreshToken, type TokenSource } from "@statewave-connectors/connector-sdk/auth";
import { imap } from "../errors.ts";
import type { ImapPullOptions } from "../pull-options.ts";

/** What is sent to sign in. */
export interface Credentials {
  readonly user: string;
  readonly pass?: string;
  readonly accessToken?: string;
}

/** How an entry signs in. */
export interface SignIn {
  /** What to do when the server refuses the credentials. */
  readonly hint: string;
  /** What to sign in with now. Throws what requesting a token throws. */
  credentials(signal: AbortSignal): Promise<Credentials>;
  /** The server refused the last credentials. True: the next ones may be others. */
  refused(): boolean;
}

const passwordHint =
  "set `username` and `password` to what the server takes; many providers want an app password, made in the settings of the account";
const tokenHint = "set `username` to the mailbox that the token is for, and give the client the right to IMAP";

export function openSignIn(options: ImapPullOptions, entry: string, context: ConnectorContext): SignIn {
  const { username: user, password } = options;
  if (password !== undefined) {
    return { hint: passwordHint, credentials: async () => ({ user, pass: password.reveal() }), refused: () => false };
  }
  const tokens = openTokens(options, entry, context);
  let sent: Secret | undefined;
  return {
    hint: tokenHint,
    async credentials(signal) {
      sent = await tokens.token(signal);
      return { user, accessToken: sent.reveal() };
    },
    refused() {
      if (sent !== undefined) tokens.forget(sent);
      return sent !== undefined;
    },
  };
}

/** Access tokens by a refresh token, or in the client's own name. */
function openTokens(options: ImapPullOptions, entry: string, context: ConnectorContext): TokenSource {
  const { token_url: tokenUrl = "", client_id: clientId = "", client_secret: clientSecret, refresh_token, scope } = options;
  const client = { ...imap, entry, tokenUrl, clientId, scope, sendIn: "form" } as const;
  if (refresh_token !== undefined) return refreshToken({ ...client, clientSecret, refreshToken: refresh_token }, context);
  return clientCredentials({ ...client, clientSecret: clientSecret ?? new Secret("") }, context);
}
