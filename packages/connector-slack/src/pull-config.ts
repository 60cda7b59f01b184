import * as v from "valibot";
import { baseUrl, botToken, channels, includeDms, includeMpim } from "./options.ts";

/** How far back a first sync reads: to a moment, or so many milliseconds. */
export type SinceDefault = { readonly type: "moment"; readonly ms: number } | { readonly type: "age"; readonly ms: number };

const agePattern = /^(\d{1,6})([smhd])$/;
const datePattern = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;
const unitMs = new Map([
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

const sinceDefault = v.union(
  [
    // An unquoted date in TOML arrives as a Date.
    v.pipe(
      v.date(),
      v.transform((date): SinceDefault => ({ type: "moment", ms: date.getTime() })),
    ),
    v.pipe(
      v.string(),
      v.rawTransform(({ dataset, addIssue, NEVER }) => parseSince(dataset.value) ?? (addIssue(), NEVER)),
    ),
  ],
  'since_default is an ISO date ("2024-01-31", "2024-01-31T09:00:00Z") or an age ("90d", "12h")',
);

/** The options of one `[[pull.slack]]` entry. */
export const SlackPull = v.strictObject({
  bot_token: v.pipe(
    botToken,
    v.description("The Bot User OAuth Token (OAuth & Permissions), `xoxb-…`. Sent to `base_url` only."),
  ),
  channels,
  include_dms: includeDms,
  include_mpim: includeMpim,
  since_default: v.optional(
    v.pipe(
      sinceDefault,
      v.description('How far back the first sync reads: a date ("2024-01-31") or an age ("90d"). Default: to the beginning.'),
    ),
  ),
  base_url: baseUrl,
});

export type SlackPullOptions = v.InferOutput<typeof SlackPull>;

/** The moment a first sync starts from, epoch milliseconds: 0 is the beginning. */
export function firstSyncSinceMs(since: SinceDefault | undefined, nowMs: number): number {
  if (since === undefined) return 0;
  return Math.max(0, since.type === "moment" ? Math.min(since.ms, nowMs) : nowMs - since.ms);
}

function parseSince(text: string): SinceDefault | undefined {
  const age = agePattern.exec(text);
  if (age !== null) return { type: "age", ms: Number(age[1]) * unitMs.get(age[2]!)! };
  const ms = datePattern.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : { type: "moment", ms };
}
