import { baseUrl, oneOrMany, rotatingSecret } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";

const emailMessage = "must be the address of the service account that the subscription pushes with, or a list of them";

const oidc = v.pipe(
  v.strictObject({
    audience: v.pipe(
      v.string("must be the audience of the subscription"),
      v.trim(),
      v.nonEmpty("must not be empty"),
      v.description(
        "The audience that the subscription is set to; without one there it is the URL of the endpoint, with its query.",
      ),
    ),
    expected_emails: v.pipe(
      oneOrMany(v.pipe(v.string(emailMessage), v.trim(), v.includes("@", emailMessage)), {
        message: emailMessage,
        type: "address or list of addresses",
      }),
      v.description("The service account that the subscription pushes with. Anyone at Google can make a token for any audience."),
    ),
    jwks_uri: v.optional(
      v.pipe(
        baseUrl({ example: "https://www.googleapis.com/oauth2/v3/certs" }),
        v.description("Where the issuer publishes its keys."),
      ),
      "https://www.googleapis.com/oauth2/v3/certs",
    ),
    issuer: v.optional(
      v.pipe(
        oneOrMany(v.pipe(v.string(), v.trim(), v.nonEmpty()), {
          message: "must be the issuer of the tokens, or a list",
          type: "string or list of strings",
        }),
        v.description("Who makes the tokens. Default: Google, under both of its names."),
      ),
    ),
    leeway_sec: v.optional(
      v.pipe(
        v.number("must be a number of seconds"),
        v.safeInteger("must be a whole number"),
        v.minValue(0, "must not be negative"),
        v.maxValue(300, "must be at most 300"),
        v.description("How far the clocks may be apart, in seconds."),
      ),
      60,
    ),
  }),
  v.description("Verify the ID token with which an authenticated push subscription signs in."),
);

const entries = {
  oidc: v.optional(oidc),
  path_token: v.optional(
    v.pipe(
      rotatingSecret({ message: "must be a token, or two of them during a rotation" }),
      v.check((tokens) => tokens.every((token) => token.reveal().length >= 16), "must have at least 16 characters"),
      v.description(
        "A token that the URL of the endpoint ends with, as `?token=…`; two during a rotation. With `oidc`, both must be right.",
      ),
      v.metadata({ suggested: true }),
    ),
  ),
};

/** The options of one `[[push.gmail]]` entry. */
export const GmailPush = v.pipe(
  v.strictObject(entries),
  v.forward(
    v.check(
      (options) => options.oidc !== undefined || options.path_token !== undefined,
      "set oidc, path_token or both: anyone could send notifications",
    ),
    ["oidc"],
  ),
);

/** The same for a program that verifies notifications by itself. */
export const EmbeddedGmailPush = v.strictObject(entries);

export type GmailPushOptions = v.InferOutput<typeof EmbeddedGmailPush>;
export type OidcOptions = NonNullable<GmailPushOptions["oidc"]>;
