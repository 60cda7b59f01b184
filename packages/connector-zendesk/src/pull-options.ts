import { sinceDefault } from "@statewave-connectors/connector-sdk/options";
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

/** The options of one `[[pull.zendesk]]` entry. */
export const ZendeskPull = v.pipe(
  v.strictObject({
    subdomain,
    ...credentials,
    subject_by: subjectBy,
    internal_notes: internalNotes,
    brands,
    statuses,
    tags,
    support_type_scope: v.optional(
      v.pipe(
        v.picklist(["agent", "ai_agent", "all"]),
        v.description("Whose tickets: those that people work on, those of AI agents, or all."),
      ),
      "agent",
    ),
    exports_per_minute: v.optional(
      v.pipe(
        v.number("must be a number of requests"),
        v.safeInteger("must be a whole number"),
        v.minValue(1, "must be at least 1"),
        v.maxValue(1_000, "must be at most 1000"),
        v.description("How many requests to the exports the plan allows in a minute: 10, or 30 with the High Volume add-on."),
      ),
      10,
    ),
    since_default: v.optional(
      v.pipe(
        sinceDefault(),
        v.description('How far back the first sync reads: `"2024-01-31"`, `"90d"`, `"12h"`. Default: to the beginning.'),
      ),
    ),
    base_url: baseUrlOption,
  }),
  v.forward(
    v.check((options) => waysToSignIn(options) === 1, oneWayMessage),
    ["client_id"],
  ),
);

export type ZendeskPullOptions = v.InferOutput<typeof ZendeskPull>;
