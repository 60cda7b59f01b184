import {
  baseUrl,
  oneOrMany,
  optionalHeaderText,
  optionalSecret,
  sinceDefault,
} from "@statewave-connectors/connector-sdk/options";
import { parseServiceAccountKey } from "@statewave-connectors/oidc";
import * as v from "valibot";
import { isHiding } from "./pull/mail-filter.ts";
import { waysToSignIn } from "./sign-in.ts";

const flag = (description: string) => v.optional(v.pipe(v.boolean(), v.description(description)), false);

const addressMessage = 'must be a mail address, such as "ann@example.com"';
const address = v.pipe(
  v.string(addressMessage),
  v.trim(),
  v.toLowerCase(),
  v.check((text) => /^[^\s@<>"(),;:\\]{1,64}@[^\s@<>"(),;:\\]{1,255}$/.test(text), addressMessage),
);
const addresses = (description: string) =>
  v.optional(
    v.pipe(oneOrMany(address, { message: addressMessage, type: "address or list of addresses" }), v.description(description)),
  );

const labelMessage = 'must be the id of a label, such as "INBOX" or "Label_12", or a list of them';
const labelIds = (description: string) =>
  v.optional(
    v.pipe(
      oneOrMany(v.pipe(v.string(labelMessage), v.trim(), v.regex(/^[\w^-]{1,225}$/, labelMessage)), {
        message: labelMessage,
        type: "label id or list of label ids",
        mostItems: 50,
      }),
      v.description(description),
    ),
  );

const resource = (kind: "topics" | "subscriptions", description: string) => {
  const message = `must be "projects/<project>/${kind}/<name>"`;
  const form =
    kind === "topics"
      ? /^projects\/[\w.:-]{1,100}\/topics\/[\w.~+%-]{3,255}$/
      : /^projects\/[\w.:-]{1,100}\/subscriptions\/[\w.~+%-]{3,255}$/;
  return v.optional(v.pipe(v.string(message), v.trim(), v.regex(form, message), v.description(description)));
};

const signInMessage =
  "set client_id, client_secret and refresh_token together, or service_account_key and users together, and not both of these";

/** The options of one `[[pull.gmail]]` entry. */
export const GmailPull = v.pipe(
  v.strictObject({
    client_id: v.pipe(
      optionalHeaderText(),
      v.description("The id of an OAuth client of your Google Cloud project."),
      v.metadata({ suggested: true }),
    ),
    client_secret: v.pipe(optionalSecret(), v.description("The secret of the OAuth client."), v.metadata({ suggested: true })),
    refresh_token: v.pipe(
      optionalSecret(),
      v.description("What the user's consent gave the client. The entry reads the mailbox of this user."),
      v.metadata({ suggested: true }),
    ),
    service_account_key: v.pipe(
      optionalSecret(),
      v.check(
        (key) => key === undefined || parseServiceAccountKey(key) !== undefined,
        "must be the content of the JSON file of a service account's key",
      ),
      v.description(
        "The content of a service account's key file, instead of an OAuth client: for the users of a Workspace domain.",
      ),
    ),
    users: addresses("Whose mailboxes the service account reads. The domain must delegate the scope to it."),
    query: v.optional(
      v.pipe(
        v.string(),
        v.trim(),
        v.maxLength(1_000, "must have at most 1000 characters"),
        v.check(hasPairs, "has a quotation mark or a bracket without its other half"),
        v.description("Keep only mails that Gmail's search box finds with these words: `from:acme.com -in:inbox`. Default: all."),
      ),
    ),
    label_ids: labelIds(
      "Keep only mails that have all of these labels, by id: `INBOX`, `SENT`, `Label_12`. `doctor` lists ids and names.",
    ),
    since_default: v.optional(
      v.pipe(
        sinceDefault(),
        v.description('How far back the first sync reads: `"2024-01-31"`, `"90d"`, `"12h"`. Default: to the beginning.'),
      ),
    ),
    addresses: addresses("Further addresses whose mails are the owner's, such as aliases: a mail is never about its owner."),
    member_domains: v.optional(
      v.pipe(
        oneOrMany(v.pipe(v.string(), v.trim(), v.toLowerCase(), v.regex(/^[\w-]+(?:\.[\w-]+)+$/, "must be a domain")), {
          message: 'must be a domain, such as "example.com", or a list of domains',
          type: "domain or list of domains",
        }),
        v.description("Verified senders of these domains count as members of your organisation. Takes `authserv_id`."),
      ),
    ),
    authserv_id: v.pipe(
      optionalHeaderText(),
      v.description(
        "Whose `Authentication-Results` prove a sender: `mx.google.com` for mail that Gmail received. Default: none, and no sender is verified.",
      ),
    ),
    mailing_lists: flag("Keep mails of mailing lists."),
    automatic: flag("Keep mails that programs sent, such as bounces and absence notes."),
    quotes: flag("Keep what a mail quotes of the mails that it answers."),
    signatures: flag("Keep signatures."),
    deletions: flag("Report mails that are moved to the trash or deleted."),
    label_changes: labelIds("Report when a mail gets or loses one of these labels, by id. Default: none."),
    quota: v.optional(
      v.pipe(
        v.picklist(["2026", "2025"]),
        v.description(
          'Whether the Google Cloud project first used the API before May 2026 (`"2025"`), which has a larger quota.',
        ),
      ),
      "2026",
    ),
    units_per_minute: v.optional(
      v.pipe(
        v.number("must be a number of quota units"),
        v.safeInteger("must be a whole number"),
        v.minValue(100, "must be at least 100"),
        v.maxValue(10_000_000, "must be at most 10000000"),
        v.description(
          "How many quota units to use in a minute for one mailbox. Default: what `quota` grants; less leaves some to other apps.",
        ),
      ),
    ),
    topic: resource("topics", "The Pub/Sub topic that Gmail notifies. The notifications are renewed daily."),
    subscription: resource("subscriptions", "A pull subscription to the topic, for a runner without a public URL."),
    base_url: v.optional(
      v.pipe(baseUrl({ example: "https://gmail.googleapis.com" }), v.description("Another address of Gmail, for tests.")),
    ),
    token_url: v.optional(
      v.pipe(
        baseUrl({ example: "https://oauth2.googleapis.com/token" }),
        v.description("Another token endpoint for the OAuth client, for tests."),
      ),
    ),
    pubsub_url: v.optional(
      v.pipe(baseUrl({ example: "https://pubsub.googleapis.com" }), v.description("Another address of Pub/Sub, for tests.")),
    ),
  }),
  v.forward(
    v.check((options) => waysToSignIn(options) === 1, signInMessage),
    ["client_id"],
  ),
  v.forward(
    v.check(
      ({ query, deletions, label_changes }) => (query ?? "") === "" || (!deletions && label_changes === undefined),
      "cannot be combined with deletions and label_changes; use label_ids",
    ),
    ["query"],
  ),
  v.forward(
    v.check(
      ({ label_ids = [] }) => !label_ids.some((label) => isHiding(label)),
      "must not hold DRAFT, CHAT, SPAM or TRASH: such messages are never kept",
    ),
    ["label_ids"],
  ),
);

export type GmailPullOptions = v.InferOutput<typeof GmailPull>;

const closing: Readonly<Record<string, string>> = { "(": ")", "{": "}" };

/** Whether words can be put into brackets without meaning something else. */
function hasPairs(query: string): boolean {
  const open: string[] = [];
  let isQuoted = false;
  for (const character of query) {
    if (character === '"') isQuoted = !isQuoted;
    if (isQuoted) continue;
    if (character in closing) open.push(closing[character] ?? "");
    if ((character === ")" || character === "}") && open.pop() !== character) return false;
  }
  return !isQuoted && open.length === 0;
}
