import * as v from "valibot";

// Own messages, because the default ones quote the value.
const secretMessage = "must be the webhook's secret, or two of them during a rotation";
const secret = v.pipe(v.string(secretMessage), v.trim(), v.nonEmpty(secretMessage));

/** The options of one `[[pull.example]]` entry. */
export const ExamplePull = v.strictObject({
  base_url: v.pipe(
    v.string(),
    v.url(),
    v.transform((url) => url.replace(/\/+$/, "")),
    v.metadata({ type: "URL" }),
    v.description("Where the API is, without a path."),
  ),
  token: v.pipe(
    v.string("must be a token"),
    v.nonEmpty("must not be empty"),
    v.metadata({ secret: true }),
    v.description("A token with the scope `notes:read`."),
  ),
});

/** The options of one `[[push.example]]` entry. */
export const ExamplePush = v.strictObject({
  secret: v.pipe(
    v.union(
      [secret, v.pipe(v.array(secret, secretMessage), v.minLength(1, secretMessage), v.maxLength(2, secretMessage))],
      secretMessage,
    ),
    v.transform((secrets): readonly string[] => (typeof secrets === "string" ? [secrets] : secrets)),
    v.metadata({ secret: true, type: "string, or a list of two" }),
    v.description("The webhook's secret; two while it is being rotated."),
  ),
});

export type ExamplePullOptions = v.InferOutput<typeof ExamplePull>;
export type ExamplePushOptions = v.InferOutput<typeof ExamplePush>;
