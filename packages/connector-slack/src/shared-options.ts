import type { Secret } from "@statewave-connectors/connector-sdk";
import { withoutTrailingSlashes } from "@statewave-connectors/connector-sdk/options";
import { optionalSecret, secret } from "@statewave-connectors/connector-sdk/options";
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

export const includeDms = v.optional(v.pipe(v.boolean(), v.description("Keep direct messages with the app.")), false);
export const includeMpim = v.optional(v.pipe(v.boolean(), v.description("Keep group direct messages.")), false);

export const baseUrl = v.optional(
  v.pipe(
    v.string(),
    v.check(isPlainHttpUrl, 'base_url is an http or https URL without user, query or fragment, e.g. "https://slack.com/api"'),
    v.transform(withoutTrailingSlashes),
    v.metadata({ type: "URL" }),
    v.description("The Web API; another one only for tests."),
  ),
  "https://slack.com/api",
);

function isChannelName(text: string): boolean {
  return /^#?[^\s#@.,!:;"'`/\\<>()[\]{}]{1,80}$/u.test(text) && text === text.toLowerCase();
}

function isPlainHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol)) return false;
  return url.username === "" && url.password === "" && url.search === "" && url.hash === "";
}
