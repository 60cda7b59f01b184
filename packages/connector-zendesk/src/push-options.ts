import { duration, rotatingSecret } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import {
  baseUrlOption,
  brands,
  credentials,
  internalNotes,
  oneWayMessage,
  statuses,
  subdomain,
  subjectBy,
  tags,
  waysToSignIn,
} from "./shared-options.ts";

/** The options of one `[[push.zendesk]]` entry. */
export const ZendeskPush = v.pipe(
  v.strictObject({
    subdomain,
    signing_secret: v.pipe(
      rotatingSecret({ message: "must be the webhook's signing secret, or two of them" }),
      v.description(
        "The webhook's signing secret (Admin Center → Webhooks → Reveal secret); two for two webhooks or a rotation.",
      ),
      v.metadata({ aliases: ["webhook_signing_secret"] }),
    ),
    max_age: v.optional(
      v.pipe(
        duration({ leastMs: 30_000, mostMs: 86_400_000 }),
        v.description("How old a signature may be. Zendesk prescribes nothing; a longer time admits later retries and replays."),
        v.metadata({ aliases: ["replay_window"] }),
      ),
      "5m",
    ),
    ...credentials,
    subject_by: subjectBy,
    internal_notes: internalNotes,
    brands,
    statuses,
    tags,
    base_url: baseUrlOption,
  }),
  v.forward(
    v.check((options) => [0, 1].includes(waysToSignIn(options) ?? 2), oneWayMessage),
    ["client_id"],
  ),
  v.forward(
    v.check(
      (options) => waysToSignIn(options) !== 0 || (options.brands ?? []).every((brand) => /^\d+$/.test(brand)),
      "names take credentials, because webhooks carry ids only; set client_id and client_secret, or name the brands by id",
    ),
    ["brands"],
  ),
);

export type ZendeskPushOptions = v.InferOutput<typeof ZendeskPush>;
