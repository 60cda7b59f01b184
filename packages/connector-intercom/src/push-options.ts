import { optionalHeaderSecret, rotatingSecret } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { appId, baseUrl, internalNotes, region, subjectBy } from "./shared-options.ts";

/** The options of one `[[push.intercom]]` entry. */
export const IntercomPush = v.pipe(
  v.strictObject({
    client_secret: v.pipe(
      rotatingSecret(),
      v.description("The client secret of your app (Basic information); two while it is being changed."),
      v.metadata({ aliases: ["signing_secret"] }),
    ),
    app_id: appId,
    access_token: v.pipe(
      optionalHeaderSecret(),
      v.description(
        "The access token of your app: for names of customers, the conversation of a deleted message, and companies. Default: none is used.",
      ),
    ),
    region,
    subject_by: subjectBy,
    internal_notes: internalNotes,
    base_url: baseUrl,
  }),
  v.forward(
    v.check(
      ({ subject_by, access_token }) => subject_by !== "organization" || access_token !== undefined,
      "organization takes access_token, because a webhook may come without the company; set it, or choose another subject",
    ),
    ["subject_by"],
  ),
);

export type IntercomPushOptions = v.InferOutput<typeof IntercomPush>;
