import { type Episode, idempotencyKey } from "@statewave-connectors/connector-sdk";
import { type Fields, stringField } from "@statewave-connectors/connector-sdk/items";
import type { SlackNames } from "../names/names.ts";
import { toIsoTime } from "../slack-time.ts";
import { writerOf } from "./author.ts";
import { contentOf } from "./message-content.ts";
import { type NoiseOptions, noiseReason } from "./noise.ts";
import type { Occurrence, SkipReason } from "./occurrence.ts";
import { linkTo, metadataOf, type Origin, subjectOf } from "./origin.ts";
import { write } from "./said.ts";
import { sessionOf } from "./session.ts";
import { memoryOf } from "./small-talk.ts";
import { rootOf, threadOf } from "./thread.ts";

/** What the kinds of a conversation begin with. */
export const kindPrefix = { channel: "slack", im: "slack.dm", mpim: "slack.mpim" } as const;

/** One message posted, edited or deleted, pushed or pulled: the same episode either way. */
export function toMessageEpisode(
  occurrence: Occurrence,
  origin: Origin,
  names: SlackNames,
  noise: NoiseOptions,
): Episode | SkipReason {
  const { action, message, ts, atTs } = occurrence;
  const isDeleted = action === "deleted";
  const reason = noiseReason(occurrence, noise);
  // No name is looked up for a message that is left out.
  if (reason !== undefined) return !isDeleted && contentOf(message) === "" ? "no_content" : reason;
  const replyTo = threadOf(message, ts);
  const writer = writerOf(message, origin, names);
  const counterpart = origin.conversation === "im" ? counterpartOf(message, origin, names) : undefined;
  const isReply = replyTo !== undefined && !isDeleted;
  const root = isReply ? rootOf(message, replyTo, occurrence.root, origin, names) : undefined;
  const candidates = memoryOf({ ...occurrence, root });
  const written = write({ ...occurrence, origin, names, replyTo, root, counterpart, writer });
  if (written === undefined) return "no_content";
  const prefix = kindPrefix[origin.conversation];
  const kind = `${prefix}.${action === "posted" && replyTo !== undefined ? "thread.replied" : `message.${action}`}`;
  // A message is posted once and deleted once, but edited often: only an edit needs its time in the key.
  const repeatable = action === "edited" ? [atTs] : [];
  return {
    subject: subjectOf(origin, counterpart),
    kind,
    ...written,
    occurred_at: toIsoTime(atTs),
    source: {
      type: `${prefix}.${replyTo === undefined ? "message" : "thread.reply"}`,
      id: `${origin.channel}:${ts}`,
      ...linkTo(origin, ts, replyTo, names),
    },
    idempotency_key: idempotencyKey("slack", origin.teamId, origin.channel, ts, kind, ...repeatable),
    session: sessionOf(origin, message, ts),
    ...(writer.author !== undefined && { author: writer.author }),
    ...(candidates !== undefined && { candidates }),
    metadata: metadataOf(origin, ts, {
      thread_ts: replyTo,
      user_id: stringField(message, "user"),
      bot_id: stringField(message, "bot_id"),
      subtype: stringField(message, "subtype"),
    }),
  };
}

/**
 * The other party of a DM. What the app itself says there names only the app; a reply in a thread still names whose message began it.
 * Otherwise it takes asking Slack.
 */
function counterpartOf(message: Fields, { channel, ourUserIds }: Origin, names: SlackNames): string | undefined {
  const known = names.channel(channel)?.counterpart;
  if (known !== undefined) return known;
  const isOther = (user: string | undefined) => user !== undefined && !ourUserIds.has(user);
  const user = stringField(message, "user");
  // Without authorizations a message with a bot_id may be ours.
  const maybeOurs = ourUserIds.size === 0 && stringField(message, "bot_id") !== undefined;
  if (isOther(user) && !maybeOurs) return user;
  const parent = stringField(message, "parent_user_id");
  return isOther(parent) && parent !== user ? parent : undefined;
}
