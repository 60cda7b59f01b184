import { type Episode, idempotencyKey } from "@statewave-connectors/connector-sdk";
import { authorOf } from "./author.ts";
import type { SlackPushOptions } from "./config.ts";
import { type Conversation, conversationOf, isWanted } from "./conversation.ts";
import { type Fields, stringField, toFields, toFieldsList } from "./fields.ts";
import { contentOf } from "./message-content.ts";
import { type Occurrence, type SkipReason, toOccurrence, unmappable } from "./occurrence.ts";
import { toIsoTime } from "./slack-time.ts";

/** Everything the episode is written from. */
interface Context extends Occurrence {
  readonly teamId: string;
  readonly channel: string;
  readonly conversation: Conversation;
  /** The thread's parent when the message is a reply. */
  readonly replyTo: string | undefined;
}

const kindPrefix = { channel: "slack", im: "slack.dm", mpim: "slack.mpim" } as const;
const place = { channel: "Slack channel", im: "Slack DM", mpim: "Slack group DM" } as const;

/** Maps one stored `event_callback`. Throws SLACK_EVENT_UNMAPPABLE for what should be a message and cannot be read as one. */
export function toEpisode(delivery: Fields, options: SlackPushOptions): Episode | SkipReason {
  const event = toFields(delivery["event"]);
  const type = stringField(event, "type");
  if (event === undefined || type === undefined) throw unmappable("has no inner event with a type");
  if (type !== "message") return "not_a_message";
  const channel = stringField(event, "channel");
  const conversation = conversationOf(event);
  if (channel === undefined || conversation === undefined) throw unmappable("names no channel");
  // Asked again, because an event may have been stored under an older configuration.
  if (!isWanted(conversation, channel, options)) return "excluded_conversation";
  const occurrence = toOccurrence(event);
  if (typeof occurrence === "string") return occurrence;
  const teamId = teamOf(delivery);
  if (teamId === undefined) throw unmappable("names no team");
  const threadTs = stringField(occurrence.message, "thread_ts");
  const replyTo = threadTs === occurrence.ts ? undefined : threadTs;
  return writeEpisode({ ...occurrence, teamId, channel, conversation, replyTo }, delivery);
}

function writeEpisode(context: Context, delivery: Fields): Episode | SkipReason {
  const { action, message, ts, atTs, teamId, channel, conversation, replyTo } = context;
  const content = action === "deleted" ? "" : contentOf(message);
  if (content === "" && action !== "deleted") return "no_content";
  const kind = `${kindPrefix[conversation]}.${action === "posted" && replyTo !== undefined ? "thread.replied" : `message.${action}`}`;
  // A message is posted once and deleted once, but edited often: only an edit needs its time in the key.
  const repeatable = action === "edited" ? [atTs] : [];
  return {
    subject: subjectOf(context, delivery),
    kind,
    text: `${headline(context)}${content}`,
    occurred_at: toIsoTime(atTs),
    source: {
      type: `${kindPrefix[conversation]}.${replyTo === undefined ? "message" : "thread.reply"}`,
      id: `${channel}:${ts}`,
    },
    idempotency_key: idempotencyKey("slack", teamId, channel, ts, kind, ...repeatable),
    session: `slack-${channel}-${replyTo ?? ts}`,
    metadata: metadataOf(context, delivery),
  };
}

/** Who did what where: an agent may see no more than the first 150 characters. */
function headline({ action, message, ts, channel, conversation, replyTo }: Context): string {
  const where = `${place[conversation]} ${channel}${replyTo === undefined ? "" : `, thread ${replyTo}`}`;
  const author = authorOf(message);
  if (action === "posted") return `${author.label} ${replyTo === undefined ? "posted" : "replied"} in ${where}: `;
  // Not its words: whoever deleted it did not want them repeated.
  if (action === "deleted") return `A message by ${author.label} in ${where}, posted ${toIsoTime(ts)} (${ts}), was deleted.`;
  const editor = stringField(toFields(message["edited"]), "user");
  const byOther = editor !== undefined && author.userId !== undefined && editor !== author.userId;
  return byOther
    ? `${editor} edited a message by ${author.label} in ${where}: `
    : `${author.label} edited a message in ${where}: `;
}

function subjectOf(context: Context, delivery: Fields): string {
  if (context.conversation === "mpim") return `mpim:${context.channel}`;
  if (context.conversation === "channel") return `team:${context.teamId}`;
  return `dm:${counterpartOf(context.message, delivery) ?? context.channel}`;
}

/**
 * The other party of a DM. What the app itself says there names only the app; a reply in a thread still names whose message began it.
 * Otherwise unknown without asking Slack.
 */
function counterpartOf(message: Fields, delivery: Fields): string | undefined {
  const ours = new Set(toFieldsList(delivery["authorizations"]).map((authorization) => stringField(authorization, "user_id")));
  const isOther = (user: string | undefined) => user !== undefined && !ours.has(user);
  const user = stringField(message, "user");
  // Without authorizations a message with a bot_id may be ours.
  const maybeOurs = ours.size === 0 && stringField(message, "bot_id") !== undefined;
  if (isOther(user) && !maybeOurs) return user;
  const parent = stringField(message, "parent_user_id");
  return isOther(parent) && parent !== user ? parent : undefined;
}

/** In a channel shared between workspaces `team_id` may be the other one; ours is the one the app is installed in. */
function teamOf(delivery: Fields): string | undefined {
  const [authorization] = toFieldsList(delivery["authorizations"]);
  return stringField(delivery, "context_team_id") ?? stringField(authorization, "team_id") ?? stringField(delivery, "team_id");
}

function metadataOf({ message, ts, teamId, channel, conversation, replyTo }: Context, delivery: Fields): Record<string, unknown> {
  const facts = {
    team_id: teamId,
    origin_team_id: stringField(delivery, "team_id"),
    channel_id: channel,
    conversation,
    ts,
    thread_ts: replyTo,
    user_id: stringField(message, "user"),
    bot_id: stringField(message, "bot_id"),
    subtype: stringField(message, "subtype"),
    event_id: stringField(delivery, "event_id"),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}
