import { baseUrl as baseUrlOption } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";

/*
 * The options that pull and push share.
 */

const appMessage = "must be the id of the workspace, such as abc12de3 (behind /a/apps/ in the address of Intercom in a browser)";

/** Intercom calls a workspace an app. Its id stands in subjects, keys and addresses. */
export const appId = v.pipe(
  v.string(appMessage),
  v.trim(),
  v.regex(/^[A-Za-z0-9_-]{1,64}$/, appMessage),
  v.description("The id of the workspace: what stands behind `/a/apps/` in the address of Intercom in a browser."),
  v.examples(["abc12de3"]),
);

export const regions = ["us", "eu", "au"] as const;
export type Region = (typeof regions)[number];

export const region = v.pipe(
  v.optional(v.picklist(regions, "must be us, eu or au: where the workspace is hosted"), "us"),
  v.description("Where the workspace is hosted: `us`, `eu` or `au`."),
);

export const baseUrl = v.pipe(
  v.optional(baseUrlOption({ example: "https://api.intercom.io" })),
  v.description("The API, for tests and proxies. Default: that of `region`."),
);

const subjects = ["requester", "organization", "conversation"] as const;

export const subjectBy = v.pipe(
  v.optional(v.picklist(subjects, "must be requester, organization or conversation"), "requester"),
  v.description(
    "What an episode is filed under: the contact (`requester`), their company (`organization`), or the `conversation`.",
  ),
);

export const internalNotes = v.pipe(
  v.optional(v.boolean("must be true or false"), false),
  v.description("Keep the notes that teammates write for each other."),
);

/** How conversations become episodes. */
export interface MappingOptions {
  readonly app_id: string;
  readonly region: Region;
  readonly subject_by: (typeof subjects)[number];
  readonly internal_notes: boolean;
}
