import * as v from "valibot";
import { baseUrl, botToken, channels, includeDms, includeMpim } from "./options.ts";

const secretMessage = "must be the app's signing secret, or two of them during a rotation";

// Trimmed, because a secret read from a file brings its line end along. Own messages, because the default ones quote the value.
const signingSecret = v.pipe(v.string(secretMessage), v.trim(), v.nonEmpty("must not be empty"));

/** The options of one `[[push.slack]]` entry. */
export const SlackPush = v.pipe(
  v.strictObject({
    signing_secret: v.pipe(
      v.union(
        [
          signingSecret,
          v.pipe(v.array(signingSecret, secretMessage), v.minLength(1, secretMessage), v.maxLength(2, secretMessage)),
        ],
        secretMessage,
      ),
      v.transform((secrets): readonly string[] => (typeof secrets === "string" ? [secrets] : secrets)),
      v.metadata({ secret: true, type: "string, or a list of two" }),
      v.description("The app's signing secret (Basic Information); two during a rotation."),
    ),
    bot_token: v.optional(
      v.pipe(
        botToken,
        v.description("The Bot User OAuth Token, used for names only: without one, people and channels appear by id."),
      ),
    ),
    channels,
    include_dms: includeDms,
    include_mpim: includeMpim,
    base_url: baseUrl,
  }),
  v.forward(
    v.check(
      (options) => options.bot_token !== undefined || (options.channels ?? []).every((channel) => !channel.startsWith("#")),
      "names take bot_token, because events carry ids only; set it, or name the channels by id",
    ),
    ["channels"],
  ),
);

export type SlackPushOptions = v.InferOutput<typeof SlackPush>;
