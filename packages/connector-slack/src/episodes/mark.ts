import { type Episode, idempotencyKey } from "@statewave-connectors/connector-sdk";
import { type Fields, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { userLabel } from "./author.ts";
import { channelOf } from "../conversation.ts";
import { contentOf } from "./message-content.ts";
import type { Names } from "../names/names.ts";
import { requiredTs, unmappable } from "./occurrence.ts";
import { metadataOf, type Origin, subjectOf } from "./origin.ts";
import { placeOf } from "./place.ts";
import { toIsoTime } from "../slack-time.ts";

/** A reaction or a pin: put on a message, or taken off it. */
export interface Mark {
  readonly type: "reaction" | "pin";
  readonly action: "added" | "removed";
  readonly channel: string;
  /** The marked message. */
  readonly ts: string;
  readonly atTs: string;
  /** Who did it. */
  readonly user: string | undefined;
  /** The name of the emoji; of a pin nothing. */
  readonly emoji: string | undefined;
  /** Whose message it is on. */
  readonly author: string | undefined;
  /** The pinned message; reactions come without one. */
  readonly message: Fields | undefined;
}

const markTypes: ReadonlyMap<string, Pick<Mark, "type" | "action">> = new Map([
  ["reaction_added", { type: "reaction", action: "added" }],
  ["reaction_removed", { type: "reaction", action: "removed" }],
  ["pin_added", { type: "pin", action: "added" }],
  ["pin_removed", { type: "pin", action: "removed" }],
]);

export function isMarkType(type: string): boolean {
  return markTypes.has(type);
}

/** Files can be pinned and reacted to as well. */
export function isOnMessage(event: Fields): boolean {
  const type = toFields(event["item"])?.["type"];
  return type === undefined || type === "message";
}

/**
 * Reads a `reaction_*` or `pin_*` event on a message.
 *
 * @see https://docs.slack.dev/reference/events/reaction_added
 * @see https://docs.slack.dev/reference/events/pin_added
 */
export function toMark(event: Fields): Mark {
  const item = toFields(event["item"]);
  if (item === undefined) throw unmappable("has no item");
  const found = markTypes.get(stringField(event, "type") ?? "");
  if (found === undefined) throw unmappable("is no reaction and no pin");
  const { type, action } = found;
  const channel = channelOf(event);
  if (channel === undefined) throw unmappable("names no channel");
  const message = toFields(item["message"]);
  const emoji = stringField(event, "reaction");
  if (type === "reaction" && emoji === undefined) throw unmappable("names no reaction");
  return {
    type,
    action,
    channel,
    ts: requiredTs(type === "reaction" ? item : (message ?? item), "ts"),
    atTs: requiredTs(event, "event_ts"),
    user: stringField(event, "user"),
    emoji: type === "reaction" ? emoji : undefined,
    author: stringField(event, "item_user") ?? stringField(message, "user"),
    message,
  };
}

/** `event_ts` ends the key, so that adding, removing and adding again are three episodes. */
export function toMarkEpisode(mark: Mark, origin: Origin, names: Names): Episode {
  const { type, action, ts, atTs, user, emoji } = mark;
  const kind = `slack.${type}.${action}`;
  const { teamId, channel } = origin;
  const base = ["slack", teamId, channel, ts, type];
  const who = type === "reaction" ? [emoji, user] : [];
  const counterpart = origin.conversation === "im" ? names.channel(channel)?.counterpart : undefined;
  return {
    subject: subjectOf(origin, counterpart ?? otherOf(mark, origin)),
    kind,
    text: textOf(mark, origin, names),
    occurred_at: toIsoTime(atTs),
    source: {
      type: `slack.${type}.${action === "added" ? "add" : "remove"}`,
      id: type === "reaction" ? `${channel}:${ts}:${user ?? ""}:${emoji}` : `${channel}:${ts}`,
    },
    idempotency_key: idempotencyKey(...base, ...who, kind, atTs),
    // Which thread the message is in, Slack does not say.
    session: `slack-${channel}-${stringField(mark.message, "thread_ts") ?? ts}`,
    metadata: metadataOf(origin, ts, { user_id: user, item_user_id: mark.author, reaction: emoji }),
  };
}

function textOf({ type, action, ts, user, emoji, author, message }: Mark, origin: Origin, names: Names): string {
  const actor = user === undefined ? "Someone" : userLabel(user, names);
  const target = `a message${author === undefined ? "" : ` by ${userLabel(author, names)}`} in ${placeOf(origin, names)}`;
  const posted = `posted ${toIsoTime(ts)} (${ts})`;
  if (type === "reaction") {
    return action === "added"
      ? `${actor} reacted with :${emoji}: to ${target}, ${posted}.`
      : `${actor} took back the reaction :${emoji}: to ${target}, ${posted}.`;
  }
  const words = action === "added" && message !== undefined ? contentOf(message, names) : "";
  return `${actor} ${action === "added" ? "pinned" : "unpinned"} ${target}, ${posted}${words === "" ? "." : `: ${words}`}`;
}

/** In a DM whoever of the two is not the app. */
function otherOf({ user, author }: Mark, { ourUserIds }: Origin): string | undefined {
  if (ourUserIds.size === 0) return undefined;
  return [user, author].find((id) => id !== undefined && !ourUserIds.has(id));
}
