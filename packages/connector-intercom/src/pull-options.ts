import { headerSecret, sinceDefault } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { appId, baseUrl, internalNotes, region, subjectBy } from "./shared-options.ts";

/** The options of one `[[pull.intercom]]` entry. */
export const IntercomPull = v.strictObject({
  access_token: v.pipe(headerSecret(), v.description("The access token of your app in the Developer Hub.")),
  app_id: appId,
  region,
  subject_by: subjectBy,
  internal_notes: internalNotes,
  since_default: v.pipe(
    v.optional(sinceDefault()),
    v.description(
      'The first sync reads conversations that changed since then, whole: `"2024-01-31"`, `"90d"`, `"12h"`. Default: all.',
    ),
  ),
  base_url: baseUrl,
});

export type IntercomPullOptions = v.InferOutput<typeof IntercomPull>;
