import type { Secret } from "@statewave-connectors/connector-sdk";
import { baseUrl as baseUrlOption, optionalSecret, secret } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";

/*
 * The options that pull and push share.
 */

const channelsMessage =
  "must be a list of channel names such as #general, or of ids such as C0123ABC (at the end of a channel's About tab)";

// Slack's ids are upper-case and its names are not, so that neither can be taken for the other.
const channelId = /^[CG][A-Z0-9]+$/;

export const channels = v.optional(
  v.pipe(
    v.array(
      v.pipe(
        v.string(channelsMessage),
        v.trim(),
        v.check((channel) => channelId.test(channel) || isChannelName(channel), channelsMessage),
        v.transform((channel) => (channelId.test(channel) || channel.startsWith("#") ? channel : `#${channel}`)),
      ),
      channelsMessage,
    ),
    v.nonEmpty("must name a channel; leave it out for every channel the app is in"),
    v.metadata({ type: "list of names or ids" }),
    v.description(
      "The channels to keep: `#general` or `C0123ABC`. Push takes names only with `bot_token`; DMs have switches of their own. Default: every channel the app is in.",
    ),
  ),
);

const tokenMessage = "must be the app's Bot User OAuth Token (xoxb-…)";

export const botToken = v.pipe(secret({ message: tokenMessage }), v.check(isToken, tokenMessage));

export const optionalBotToken = v.pipe(
  optionalSecret({ message: tokenMessage }),
  v.check((token) => token === undefined || isToken(token), tokenMessage),
);

/** Narrower than what a header can carry: a token never holds a space. */
function isToken(token: Secret): boolean {
  return /^[\x21-\x7e]+$/.test(token.reveal());
}

const teamMessage = "must be the id of a workspace, such as T0123ABCD (in the address of Slack in a browser)";

/** Which workspace an entry is for, where the app is installed for a whole organization. */
export const teamId = v.pipe(v.string(teamMessage), v.trim(), v.regex(/^T[A-Z0-9]{1,40}$/, teamMessage));

export const includeDms = v.optional(
  v.pipe(v.boolean(), v.description("Keep direct messages with the app."), v.metadata({ aliases: ["accept_dms"] })),
  false,
);
export const includeMpim = v.optional(
  v.pipe(v.boolean(), v.description("Keep group direct messages."), v.metadata({ aliases: ["accept_mpim"] })),
  false,
);

export const includeBots = v.optional(
  v.pipe(v.boolean(), v.description("Keep what apps and bots post. What has files or replies is kept in any case.")),
  true,
);
export const minLength = v.optional(
  v.pipe(
    v.number("must be a number of characters"),
    v.safeInteger("must be a whole number"),
    v.minValue(0, "must not be negative"),
    v.maxValue(1_000, "must be at most 1000"),
    v.description(
      "Leave out messages of fewer characters, without counting mentions and emoji, unless they have files or replies.",
    ),
  ),
  0,
);

const slackApi = "https://slack.com/api";

export const baseUrl = v.optional(
  v.pipe(baseUrlOption({ example: slackApi }), v.description("The Web API; another one only for tests.")),
  slackApi,
);

function isChannelName(text: string): boolean {
  return /^#?[^\s#@.,!:;"'`/\\<>()[\]{}]{1,80}$/u.test(text) && text === text.toLowerCase();
}
