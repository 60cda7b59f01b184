import { isIPv4, isIPv6 } from "node:net";
import { baseUrl, duration, namePattern, optionalSecret, sinceDefault } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { specialUses } from "./server/special-uses.ts";

const hostMessage = 'must be the name of the server, such as "imap.example.com", without a scheme and a port';
const addressMessage = 'must be an address, such as "ada@example.com"';
const domainMessage = 'must be a domain, such as "example.com"';
const nameMessage = "must be the name to sign in with";

/** A folder, a pattern of folders, or a special use. */
const folder = v.pipe(
  namePattern('must be the name of a folder, a pattern such as "Projects/*", or a special use such as "\\\\Sent"'),
  v.check(
    (name) => !name.startsWith("\\") || specialUses.some((use) => use.toLowerCase() === name.toLowerCase()),
    `has a special use that is none of ${specialUses.join(", ")}`,
  ),
);

const yes = (description: string) => v.optional(v.pipe(v.boolean(), v.description(description)), false);

/** The options of one `[[pull.imap]]` entry. */
export const ImapPull = v.pipe(
  v.strictObject({
    host: v.pipe(
      v.string(hostMessage),
      v.trim(),
      v.toLowerCase(),
      v.check((host) => isIPv6(host) || /^[a-z0-9_][a-z0-9._-]{0,252}$/.test(host), hostMessage),
      v.description("The IMAP server, such as `imap.fastmail.com`."),
    ),
    port: v.optional(
      v.pipe(
        v.number("must be a number"),
        v.integer("must be a whole number"),
        v.minValue(1, "must be at least 1"),
        v.maxValue(65_535, "must be at most 65535"),
        v.description("Default: 993 for `implicit`, otherwise 143."),
      ),
    ),
    tls: v.optional(
      v.pipe(
        v.picklist(["implicit", "starttls", "none"]),
        v.description("How the connection is encrypted. `none` is for servers on this machine only."),
      ),
      "implicit",
    ),
    ca_file: v.optional(
      v.pipe(
        v.string("must be the path of a file"),
        v.nonEmpty("must be the path of a file"),
        v.description("A file with certificates (PEM) of further authorities, for a server with a certificate of its own."),
      ),
    ),
    username: v.pipe(
      v.string(nameMessage),
      v.trim(),
      v.nonEmpty(nameMessage),
      v.regex(/^\P{Cc}{1,320}$/u, nameMessage),
      v.description(
        "The name to sign in with, mostly the address of the mailbox. It stands in keys; without an `@`, the first of `addresses` does.",
      ),
      v.examples(["ann@example.com"]),
    ),
    password: v.pipe(
      optionalSecret(),
      v.description("The password; many providers want an app password."),
      v.metadata({ suggested: true }),
    ),
    token_url: v.optional(
      v.pipe(
        baseUrl({ example: "https://login.microsoftonline.com/common/oauth2/v2.0/token" }),
        v.description("Instead of a password: where OAuth access tokens are requested."),
      ),
    ),
    client_id: v.optional(v.pipe(v.string(), v.trim(), v.nonEmpty(), v.description("The OAuth client."))),
    client_secret: v.pipe(optionalSecret(), v.description("The secret of the OAuth client, where it has one.")),
    refresh_token: v.pipe(
      optionalSecret(),
      v.description("A refresh token of the mailbox's owner. Without one the client signs in in its own name."),
    ),
    scope: v.optional(v.pipe(v.string(), v.trim(), v.nonEmpty(), v.description("The scopes to request, separated by spaces."))),
    folders: v.optional(
      v.pipe(
        v.array(folder),
        v.nonEmpty("must name at least one folder"),
        v.metadata({ type: "list of strings" }),
        v.description(
          'Folders to read: names, patterns such as `"Projects/*"`, special uses such as `"\\\\Archive"`. A pattern leaves out trash, junk, drafts and folders that show the mails of others. Default: `["INBOX", "\\\\Sent"]`.',
        ),
      ),
    ),
    since_default: v.optional(
      v.pipe(
        sinceDefault(),
        v.description(
          'How far back mails are read: `"2024-01-31"`, `"90d"`. Counted from the first sync. Default: to the beginning.',
        ),
      ),
    ),
    addresses: v.optional(
      v.pipe(
        v.array(
          v.pipe(v.string(addressMessage), v.trim(), v.toLowerCase(), v.regex(/^[^\s@]{1,64}@[^\s@]{1,255}$/, addressMessage)),
        ),
        v.nonEmpty("must name at least one address"),
        v.metadata({ type: "list of strings" }),
        v.description("Every address whose mails are sent by you, aliases too. Default: `username`."),
      ),
    ),
    authserv_id: v.optional(
      v.pipe(
        v.string(),
        v.trim(),
        v.nonEmpty(),
        v.description(
          "The name that your server writes into `Authentication-Results`: senders that it verified are marked so. `doctor` shows it.",
        ),
      ),
    ),
    member_domains: v.optional(
      v.pipe(
        v.array(v.pipe(v.string(domainMessage), v.trim(), v.toLowerCase(), v.regex(/^[^\s@]{1,255}$/, domainMessage))),
        v.nonEmpty("must name at least one domain"),
        v.metadata({ type: "list of strings" }),
        v.description("Verified senders of these domains count as members of your organisation. Takes `authserv_id`."),
      ),
    ),
    automatic: yes("Keep automatic mail: bounces, absence notes, notifications of programs."),
    mailing_lists: yes("Keep mails of mailing lists and newsletters."),
    deletions: yes("Report the deletion of mails: of the latest 4,000 that the folders hold together."),
    quotes: yes("Keep the mails that a mail quotes. By default only what an answer needs stays."),
    signatures: yes("Keep signatures."),
    idle: v.optional(
      v.pipe(
        v.boolean(),
        v.description(
          "Wait for new mail on a second connection, so that a run begins within seconds and not when the schedule says.",
        ),
      ),
      true,
    ),
    idle_renewal: v.pipe(
      v.optional(duration({ leastMs: 10_000, mostMs: 29 * 60_000 }), "5m"),
      v.metadata({ type: "duration" }),
      v.description(
        "How often the waiting connection is renewed. That finds one that was dropped silently: take less than the time after which a router on the way forgets it.",
      ),
    ),
  }),
  v.forward(
    v.check(({ tls, host }) => tls !== "none" || isLoopback(host), 'may be "none" only for a server on this machine'),
    ["tls"],
  ),
  v.forward(
    v.check(
      ({ password, token_url }) => (password === undefined) !== (token_url === undefined),
      "set password, or token_url with client_id, and not both",
    ),
    ["password"],
  ),
  v.forward(
    v.check(
      ({ token_url, client_id, client_secret, refresh_token }) =>
        token_url === undefined || (client_id !== undefined && (client_secret ?? refresh_token) !== undefined),
      "set token_url together with client_id and with refresh_token, client_secret or both",
    ),
    ["client_id"],
  ),
  v.forward(
    v.check(
      ({ member_domains, authserv_id }) => member_domains === undefined || authserv_id !== undefined,
      "set authserv_id too: no sender is verified without it",
    ),
    ["member_domains"],
  ),
  v.forward(
    v.check(
      ({ addresses, username }) => addresses !== undefined || username.includes("@"),
      "set addresses to those of the mailbox, because username is none",
    ),
    ["addresses"],
  ),
);

export type ImapPullOptions = v.InferOutput<typeof ImapPull>;

/** The addresses whose mails are the owner's own. */
export function ownAddresses({ addresses, username }: Pick<ImapPullOptions, "addresses" | "username">): readonly string[] {
  return addresses ?? [username.toLowerCase()];
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}
