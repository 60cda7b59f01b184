import * as v from "valibot";

const domainMessage = 'must be the part of your Freshdesk address before .freshdesk.com, e.g. "acme"';

/** The account. `acme.freshdesk.com` is taken, too. */
export const domain = v.pipe(
  v.string(domainMessage),
  v.trim(),
  v.toLowerCase(),
  v.transform((given) => given.replace(/\.freshdesk\.com$/, "")),
  v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, domainMessage),
  v.metadata({ type: "string" }),
  v.examples(["acme"]),
);
