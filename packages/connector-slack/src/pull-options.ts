import { duration, sinceDefault } from "@statewave-connectors/connector-sdk/options";
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
  digest: v.optional(
    v.pipe(
      v.picklist(["thread"], 'must be "thread"'),
      v.description(
        '`"thread"`: deliver each [thread as one text](#threads-as-one-text), too, once it is quiet, and remember its replies with it. Default: no.',
      ),
    ),
  ),
  digest_quiet: v.pipe(
    v.optional(duration({ leastMs: 60_000, mostMs: 7 * 24 * 3_600_000 }), "30m"),
    v.metadata({ type: "duration" }),
    v.description("How long a thread has no reply until `digest` takes it for quiet."),
  ),
  since_default: v.optional(
    v.pipe(
      sinceDefault(),
      v.description('How far back the first sync reads: `"2024-01-31"`, `"90d"`, `"12h"`. Default: to the beginning.'),
    ),
  ),
  base_url: baseUrl,
});

export type SlackPullOptions = v.InferOutput<typeof SlackPull>;
