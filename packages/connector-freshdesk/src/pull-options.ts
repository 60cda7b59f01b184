import { baseUrl, headerSecret, sinceDefault } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { subjectChoices } from "./account.ts";
import { domain } from "./shared-options.ts";

const reserveMessage = "must be a whole number of percent from 0 to 90";

/** The options of one `[[pull.freshdesk]]` entry. */
export const FreshdeskPull = v.strictObject({
  domain: v.pipe(
    domain,
    v.description("Your Freshdesk address before `.freshdesk.com`. It stands in subjects and keys."),
    v.metadata({ aliases: ["subdomain"] }),
  ),
  api_key: v.pipe(
    headerSecret({ message: "must be the API key of an agent (Profile settings)" }),
    v.description("The API key of an agent. The entry reads what this agent may see."),
  ),
  subject_by: v.pipe(
    v.optional(v.picklist(subjectChoices), "requester"),
    v.description('Whose memory an episode belongs to: `"requester"`, `"organization"` (the company) or `"ticket"`.'),
  ),
  conversations: v.pipe(
    v.optional(v.boolean(), true),
    v.description("Read replies and notes. They take one request for each changed ticket."),
  ),
  internal_notes: v.pipe(v.optional(v.boolean(), false), v.description("Read private notes, too.")),
  ratings: v.pipe(v.optional(v.boolean(), true), v.description("Read satisfaction ratings.")),
  since_default: v.optional(
    v.pipe(
      sinceDefault(),
      v.description(
        'How far back the first sync reads: `"2024-01-31"`, `"90d"`, `"12h"`. Tickets _updated_ since then are read whole. Default: to the beginning.',
      ),
    ),
  ),
  api_reserve: v.pipe(
    v.optional(
      v.pipe(v.number(reserveMessage), v.integer(reserveMessage), v.minValue(0, reserveMessage), v.maxValue(90, reserveMessage)),
      10,
    ),
    v.description("How many percent of the account's API limit are left to your other apps."),
  ),
  base_url: v.optional(
    v.pipe(
      baseUrl({ example: "https://acme.freshdesk.com" }),
      v.description("Another address than `https://<domain>.freshdesk.com`, for tests."),
    ),
  ),
});

export type FreshdeskPullOptions = v.InferOutput<typeof FreshdeskPull>;
