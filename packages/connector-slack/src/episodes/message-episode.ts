import { type Episode, idempotencyKey } from "@statewave-connectors/connector-sdk";
import { type Fields, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import type { Names } from "../names/names.ts";
import { toIsoTime } from "../slack-time.ts";
import { userLabel, type Writer, writerOf } from "./author.ts";
import { contentOf } from "./message-content.ts";
import { type Occurrence, type SkipReason, threadOf } from "./occurrence.ts";
import { metadataOf, type Origin, subjectOf } from "./origin.ts";
import { placeOf } from "./place.ts";

/** Everything the episode is written from. */
interface Context extends Occurrence {
  readonly origin: Origin;
  readonly names: Names;
  /** The thread's parent when the message is a reply. */
  readonly replyTo: string | undefined;
  /** The other party of a DM. */
  readonly counterpart: string | undefined;
  readonly writer: Writer;
}

const kindPrefix = { channel: "slack", im: "slack.dm", mpim: "slack.mpim" } as const;

/** One message posted, edited or deleted, pushed or pulled: the same episode either way. */
export function toMessageEpisode(occurrence: Occurrence, origin: Origin, names: Names): Episode | SkipReason {
  const { action, message, ts, atTs } = occurrence;
  const content = action === "deleted" ? "" : contentOf(message, names);
  if (content === "" && action !== "deleted") return "no_content";
  const replyTo = threadOf(message, ts);
  const writer = writerOf(message, origin, names);
  const counterpart = origin.conversation === "im" ? counterpartOf(message, origin, names) : undefined;
  const prefix = kindPrefix[origin.conversation];
  const kind = `${prefix}.${action === "posted" && replyTo !== undefined ? "thread.replied" : `message.${action}`}`;
  // A message is posted once and deleted once, but edited often: only an edit needs its time in the key.
  const repeatable = action === "edited" ? [atTs] : [];
  return {
    subject: subjectOf(origin, counterpart),
    kind,
    text: `${headline({ ...occurrence, origin, names, replyTo, counterpart, writer })}${content}`,
    occurred_at: toIsoTime(atTs),
    source: { type: `${prefix}.${replyTo === undefined ? "message" : "thread.reply"}`, id: `${origin.channel}:${ts}` },
    idempotency_key: idempotencyKey("slack", origin.teamId, origin.channel, ts, kind, ...repeatable),
    session: `slack-${origin.channel}-${replyTo ?? ts}`,
    ...(writer.author !== undefined && { author: writer.author }),
    metadata: metadataOf(origin, ts, {
      thread_ts: replyTo,
      user_id: stringField(message, "user"),
      bot_id: stringField(message, "bot_id"),
      subtype: stringField(message, "subtype"),
    }),
  };
}

/** Who did what where: an agent may see no more than the first 150 characters. */
function headline({ action, message, ts, origin, names, replyTo, counterpart, writer: author }: Context): string {
  const place = placeOf(origin, names, counterpart === author.userId ? undefined : counterpart);
  const where = `${place}${replyTo === undefined ? "" : `, thread ${replyTo}`}`;
  if (action === "posted") return `${author.label} ${replyTo === undefined ? "posted" : "replied"} in ${where}: `;
  // Not its words: whoever deleted it did not want them repeated.
  if (action === "deleted") return `A message by ${author.label} in ${where}, posted ${toIsoTime(ts)} (${ts}), was deleted.`;
  const editor = stringField(toFields(message["edited"]), "user");
  const byOther = editor !== undefined && author.userId !== undefined && editor !== author.userId;
  return byOther
    ? `${userLabel(editor, names)} edited a message by ${author.label} in ${where}: `
    : `${author.label} edited a message in ${where}: `;
}

/**
 * The other party of a DM. What the app itself says there names only the app; a reply in a thread still names whose message began it.
 * Otherwise it takes asking Slack.
 */
function counterpartOf(message: Fields, { channel, ourUserIds }: Origin, names: Names): string | undefined {
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
