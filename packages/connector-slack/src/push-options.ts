import { rotatingSecret } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { memoriesOption } from "./episodes/small-talk.ts";
import {
  baseUrl,
  channels,
  includeBots,
  includeDms,
  includeMpim,
  minLength,
  optionalBotToken,
  teamId,
} from "./shared-options.ts";

const secretMessage = "must be the app's signing secret, or two of them during a rotation";

/** The options of one `[[push.slack]]` entry. */
export const SlackPush = v.pipe(
  v.strictObject({
    signing_secret: v.pipe(
      rotatingSecret({ message: secretMessage }),
      v.description("The app's signing secret (Basic Information); two during a rotation."),
    ),
    bot_token: v.pipe(
      optionalBotToken,
      v.description("The Bot User OAuth Token, used for names only: without one, people and channels appear by id."),
    ),
    team_id: v.optional(
      v.pipe(
        teamId,
        v.description(
          "The workspace to take events of, where the app is installed for a whole organization (Enterprise Grid). Default: every one that sends.",
        ),
      ),
    ),
    channels,
    include_dms: includeDms,
    include_mpim: includeMpim,
    include_bots: includeBots,
    min_length: minLength,
    memories: memoriesOption,
    base_url: baseUrl,
  }),
  v.forward(
    v.check(
      (options) => options.bot_token !== undefined || (options.channels ?? []).every((channel) => !channel.startsWith("#")),
      "names require bot_token, because events carry only ids; set it, or list the channels by id",
    ),
    ["channels"],
  ),
);

export type SlackPushOptions = v.InferOutput<typeof SlackPush>;
