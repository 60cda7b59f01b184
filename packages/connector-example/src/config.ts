import { withoutTrailingSlashes } from "@statewave-connectors/connector-sdk/options";
import { headerSecret, rotatingSecret } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";

/** The options of one `[[pull.example]]` entry. */
export const ExamplePull = v.strictObject({
  base_url: v.pipe(
    v.string(),
    v.url(),
    v.transform(withoutTrailingSlashes),
    v.metadata({ type: "URL" }),
    v.description("Where the API is, without a path."),
  ),
  token: v.pipe(headerSecret(), v.description("A token with the scope `notes:read`.")),
});

/** The options of one `[[push.example]]` entry. */
export const ExamplePush = v.strictObject({
  secret: v.pipe(rotatingSecret(), v.description("The webhook's secret; two while it is being rotated.")),
});

export type ExamplePullOptions = v.InferOutput<typeof ExamplePull>;
export type ExamplePushOptions = v.InferOutput<typeof ExamplePush>;
