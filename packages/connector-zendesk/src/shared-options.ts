import { baseUrl, optionalHeaderSecret, optionalHeaderText } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";

/*
 * The options that pull and push share.
 */

const subdomainMessage = 'must be the account\'s own subdomain, such as "acme" of https://acme.zendesk.com';

export const subdomain = v.pipe(
  v.string(subdomainMessage),
  v.trim(),
  v.toLowerCase(),
  v.regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, subdomainMessage),
  v.description("The account: `acme` of `https://acme.zendesk.com`, not a host-mapped name. It stands in subjects and keys."),
  v.examples(["acme"]),
);

export const subjectBy = v.optional(
  v.pipe(
    v.picklist(["requester", "organization", "ticket"]),
    v.description(
      "Whom an episode is about: the requester, the requester's organization (the requester where there is none), or the ticket.",
    ),
  ),
  "requester",
);

export const internalNotes = v.optional(
  v.pipe(v.boolean(), v.description("Keep internal notes, and descriptions that only agents see.")),
  false,
);

const list = (message: string, description: string) =>
  v.optional(
    v.pipe(
      v.array(v.pipe(v.string(message), v.trim(), v.nonEmpty(message)), message),
      v.nonEmpty("must name at least one; leave it out for all"),
      v.metadata({ type: "list of strings" }),
      v.description(description),
    ),
  );

export const brands = list(
  "must be a list of names or ids of brands",
  "Keep only tickets of these brands, by name or id. Push takes names only with credentials. Default: all.",
);

export const tags = list(
  "must be a list of tags",
  "Keep only tickets that have one of these tags when they are read, in capitals or not. Default: all.",
);

export const statuses = v.optional(
  v.pipe(
    v.array(v.picklist(["new", "open", "pending", "hold", "solved", "closed"])),
    v.nonEmpty("must name at least one; leave it out for all"),
    v.metadata({ type: "list of words" }),
    v.description(
      "Keep only tickets that have one of these statuses when they are read: `new`, `open`, `pending`, `hold`, `solved`, `closed`. Default: all.",
    ),
  ),
);

export const baseUrlOption = v.optional(
  v.pipe(
    baseUrl({ example: "https://acme.zendesk.com" }),
    v.description("Where the API is. Default: `https://<subdomain>.zendesk.com`; another one only for tests."),
  ),
);

/** One of three ways to sign in. */
export const credentials = {
  client_id: v.pipe(
    optionalHeaderText(),
    v.description("The identifier of a confidential OAuth client (Admin Center → APIs)."),
    v.metadata({ suggested: true }),
  ),
  client_secret: v.pipe(
    optionalHeaderSecret(),
    v.description("The secret of the OAuth client. The account signs in as the user who created it."),
    v.metadata({ suggested: true }),
  ),
  oauth_token: v.pipe(optionalHeaderSecret(), v.description("An OAuth access token that does not expire, instead of a client.")),
  email: v.pipe(
    optionalHeaderText(),
    v.description("Whose `api_token` it is. Zendesk switches API tokens off on 2027-04-30: use an OAuth client."),
  ),
  api_token: v.pipe(optionalHeaderSecret(), v.description("An API token, instead of a client, until 2027-04-30.")),
};

type Credentials = { readonly [Key in keyof typeof credentials]?: unknown };

/** How many of the ways to sign in are given whole; undefined: one is given by half. */
export function waysToSignIn({ client_id, client_secret, oauth_token, email, api_token }: Credentials): number | undefined {
  const pairs = [
    [client_id, client_secret],
    [email, api_token],
  ];
  if (pairs.some(([one, other]) => (one === undefined) !== (other === undefined))) return undefined;
  return [client_id, email, oauth_token].filter((given) => given !== undefined).length;
}

export const oneWayMessage =
  "set client_id and client_secret together, or oauth_token, or email and api_token together, and no second one of these";
