import { hash } from "node:crypto";
import { type ConnectorContext, Secret } from "@statewave-connectors/connector-sdk";
import { type Authorizer, bearer, refreshToken, type TokenSource } from "@statewave-connectors/connector-sdk/auth";
import { parseServiceAccountKey, serviceAccount } from "@statewave-connectors/oidc";
import { gmail, pubsubScope, readScope } from "./gmail.ts";

/** The credentials of an entry. One way to sign in is given whole. */
export interface Credentials {
  readonly client_id?: string | undefined;
  readonly client_secret?: Secret | undefined;
  readonly refresh_token?: Secret | undefined;
  readonly service_account_key?: Secret | undefined;
  readonly users?: readonly string[] | undefined;
  readonly token_url?: string | undefined;
}

/** How many of the ways to sign in are given whole; undefined: one is given by half. */
export function waysToSignIn({
  client_id,
  client_secret,
  refresh_token,
  service_account_key,
  users,
}: Credentials): number | undefined {
  const ways = [
    [client_id, client_secret, refresh_token],
    [service_account_key, users],
  ];
  const given = ways.map((way) => way.filter((each) => each !== undefined).length);
  if (given.some((count, at) => count !== 0 && count !== ways[at]?.length)) return undefined;
  return given.filter((count) => count > 0).length;
}

const googleTokenUrl = "https://oauth2.googleapis.com/token";

/** What to do when Google refuses the token. */
export const refreshHint =
  "let the user consent again and set `refresh_token` anew: it ends with a changed password, without use for six months, and after seven days while the consent screen is in testing";

/** What to do when Google refuses the token of a service account. */
export const delegationHint = `let the domain delegate ${readScope} to the service account`;

/** What to do when Pub/Sub refuses. */
export const pubsubHint = {
  unauthorized: "replace the credentials of the entry: they are wrong, expired or revoked",
  forbidden: `give the account the role roles/pubsub.subscriber at the subscription, and the credentials the scope ${pubsubScope}`,
  not_found: "set `subscription` to a pull subscription that exists",
};

/** Whose mailbox is read, and how its requests are authorized. */
export interface SignedIn {
  /** The user; undefined: whose refresh token it is. */
  readonly user: string | undefined;
  readonly authorize: Authorizer;
}

/** How the requests of an entry are authorized. */
export interface SignIn {
  readonly mailboxes: readonly SignedIn[];
  /** At Pub/Sub: as the service account itself, or as the user who consented. */
  readonly pubsub: Authorizer;
}

/** Makes the authorizers of an entry; tokens are requested when they are needed. */
export function signIn(credentials: Credentials, context: ConnectorContext): SignIn {
  const { service_account_key: key, users = [] } = credentials;
  if (key === undefined) {
    // One for both: a refresh token may be replaced by its use.
    const authorize = authorizeByClient(credentials, context);
    return { mailboxes: [{ user: undefined, authorize }], pubsub: authorize };
  }
  const account = parseServiceAccountKey(key)?.clientEmail ?? "";
  const mailboxes = users.map((user) => ({
    user,
    // Google counts requests by user.
    authorize: bearer(accountTokens(key, { scope: readScope, subject: user }, context), { account: `${account} ${user}` }),
  }));
  return { mailboxes, pubsub: bearer(accountTokens(key, { scope: pubsubScope }, context)) };
}

function accountTokens(
  key: Secret,
  grant: { readonly scope: string; readonly subject?: string },
  context: ConnectorContext,
): TokenSource {
  return serviceAccount({ ...gmail, ...grant, key, keyOption: "service_account_key", entry: entryOf(context) }, context);
}

function authorizeByClient(credentials: Credentials, context: ConnectorContext): Authorizer {
  const { client_id: clientId = "", client_secret: clientSecret, refresh_token = new Secret(""), token_url } = credentials;
  // Without a scope the token has all that the user consented to.
  const grant = {
    ...gmail,
    tokenUrl: token_url ?? googleTokenUrl,
    entry: entryOf(context),
    clientId,
    clientSecret,
    sendIn: "form",
    refreshToken: refresh_token,
    grantHint: refreshHint,
  } as const;
  return bearer(refreshToken(grant, context), { account: `${clientId} ${hash("sha256", refresh_token.reveal(), "hex")}` });
}

function entryOf({ source: { name } }: ConnectorContext): string {
  return `[[pull.gmail]] name = ${JSON.stringify(name)}`;
}
