import { sinceDefault } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { memoriesOption } from "./episodes/small-talk.ts";
import { baseUrl, botToken, channels, includeBots, includeDms, includeMpim, minLength, teamId } from "./shared-options.ts";

/** The options of one `[[pull.slack]]` entry. */
export const SlackPull = v.strictObject({
  bot_token: v.pipe(
    botToken,
    v.description("The Bot User OAuth Token (OAuth & Permissions), `xoxb-…`. Sent to `base_url` only."),
  ),
  team_id: v.optional(
    v.pipe(
      teamId,
      v.description("The workspace to read, where the app is installed for a whole organization (Enterprise Grid)."),
    ),
  ),
  channels,
  include_dms: includeDms,
  include_mpim: includeMpim,
  include_bots: includeBots,
  min_length: minLength,
  memories: memoriesOption,
  since_default: v.optional(
    v.pipe(
      sinceDefault(),
      v.description('How far back the first sync reads: `"2024-01-31"`, `"90d"`, `"12h"`. Default: to the beginning.'),
    ),
  ),
  base_url: baseUrl,
});

export type SlackPullOptions = v.InferOutput<typeof SlackPull>;
