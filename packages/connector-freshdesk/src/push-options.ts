import { rotatingSecret } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { domain } from "./shared-options.ts";

const userMessage = "must be a user name without colon";

/** The options of one `[[push.freshdesk]]` entry. */
export const FreshdeskPush = v.strictObject({
  domain: v.pipe(
    domain,
    v.description("Your Freshdesk address before `.freshdesk.com`. It stands in subjects and keys."),
    v.metadata({ aliases: ["subdomain"] }),
  ),
  secret: v.pipe(
    rotatingSecret(),
    v.description("What the webhook sends in the header `x-statewave-token`, or as password; two during a rotation."),
    v.metadata({ aliases: ["webhook_secret", "signing_secret"] }),
  ),
  basic_user: v.optional(
    v.pipe(
      v.string(userMessage),
      v.regex(/^[^:\s]{1,200}$/, userMessage),
      v.description("The user name of the webhook's authentication. Then `secret` is its password, and no header is needed."),
    ),
  ),
});

export type FreshdeskPushOptions = v.InferOutput<typeof FreshdeskPush>;
