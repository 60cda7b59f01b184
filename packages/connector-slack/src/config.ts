import * as v from "valibot";

const secretMessage = "must be the app's signing secret, or two of them during a rotation";

// Trimmed, because a secret read from a file brings its line end along. Own messages, because the default ones quote the value.
const signingSecret = v.pipe(v.string(secretMessage), v.trim(), v.nonEmpty("must not be empty"));

const channelMessage = "must be a list of channel ids such as C0123ABC (at the end of a channel's About tab), not of names";

/** The options of one `[[push.slack]]` entry. */
export const SlackPush = v.strictObject({
  signing_secret: v.pipe(
    v.union(
      [
        signingSecret,
        v.pipe(v.array(signingSecret, secretMessage), v.minLength(1, secretMessage), v.maxLength(2, secretMessage)),
      ],
      secretMessage,
    ),
    v.transform((secrets): readonly string[] => (typeof secrets === "string" ? [secrets] : secrets)),
    v.metadata({ secret: true }),
    v.description("The app's signing secret (Basic Information), or a list of two while it is being rotated."),
  ),
  channels: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(channelMessage), v.regex(/^[CG][A-Z0-9]+$/, channelMessage)), channelMessage),
      v.nonEmpty("must name a channel; leave it out to keep every channel the app is in"),
      v.description("Ids of the channels to keep. Default: every channel the app is in."),
    ),
  ),
  include_dms: v.optional(v.pipe(v.boolean(), v.description("Keep direct messages with the app.")), false),
  include_mpim: v.optional(v.pipe(v.boolean(), v.description("Keep group direct messages.")), false),
});

export type SlackPushOptions = v.InferOutput<typeof SlackPush>;
