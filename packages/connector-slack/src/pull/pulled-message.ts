import { type Episode, idempotencyKey, mapItems, type Page } from "@statewave-connectors/connector-sdk";
import { type Fields, stringField, withoutUndefined } from "@statewave-connectors/connector-sdk/items";
import { NameRequests } from "@statewave-connectors/connector-sdk/names";
import * as v from "valibot";
import { writerOf } from "../episodes/author.ts";
import { contentOf } from "../episodes/message-content.ts";
import { toMessageEpisode } from "../episodes/message-episode.ts";
import { editTimeOf, type Occurrence, requiredTs, type SkipReason, toOccurrence, unmappable } from "../episodes/occurrence.ts";
import type { Origin } from "../episodes/origin.ts";
import { placeOf } from "../episodes/place.ts";
import { type Names, noNames } from "../names/names.ts";
import type { ReadMessage } from "./channel-walk.ts";

/** What a message of the history is news of. */
export type Action = "posted" | "edited";

const channelFacts = v.object({
  conversation: v.picklist(["channel", "im", "mpim"]),
  name: v.optional(v.string()),
  counterpart: v.optional(v.string()),
});

/** A failed item: a message with all that its mapping takes. */
const FailedMessage = v.object({
  team: v.string(),
  channel: v.string(),
  conversation: v.picklist(["channel", "im", "mpim"]),
  shared: v.optional(v.boolean()),
  app_user: v.optional(v.string()),
  actions: v.array(v.picklist(["posted", "edited"])),
  message: v.record(v.string(), v.unknown()),
  names: v.object({ users: v.record(v.string(), v.string()), channels: v.record(v.string(), channelFacts) }),
});

type FailedMessage = v.InferOutput<typeof FailedMessage>;

/** The episodes of some messages of one channel. What cannot be mapped is a failed item. */
export function toMessagesPage(messages: readonly ReadMessage[], origin: Origin, names: Names): Page {
  const skipped: Record<string, number> = {};
  const toEpisodes = ({ message, actions }: ReadMessage): readonly Episode[] =>
    actions.flatMap((action) => {
      const mapped = toEpisode(message, action, origin, names);
      if (typeof mapped !== "string") return [mapped];
      skipped[mapped] = (skipped[mapped] ?? 0) + 1;
      return [];
    });
  const { episodes, failures } = mapItems(messages, {
    id: (read) => idOf(read, origin),
    map: toEpisodes,
    raw: (read) => toFailedMessage(read, origin, names),
  });
  return {
    episodes,
    ...(failures.length > 0 && { failures }),
    ...(Object.keys(skipped).length > 0 && { skipped }),
  };
}

/** The episodes of a failed item, mapped again. Throws SLACK_EVENT_UNMAPPABLE while it cannot be mapped. */
export function mapFailedMessage(raw: unknown): readonly Episode[] {
  const parsed = v.safeParse(FailedMessage, raw);
  if (!parsed.success) throw unmappable(`was not kept by this connector: ${v.getDotPath(parsed.issues[0]) ?? "it"} is wrong`);
  const { team, channel, conversation, shared, app_user: appUser, actions, message, names } = parsed.output;
  const origin: Origin = {
    teamId: team,
    channel,
    conversation,
    isShared: shared === true,
    ourUserIds: new Set(appUser === undefined ? [] : [appUser]),
  };
  const kept: Names = { user: (id) => own(names.users, id), channel: (id) => own(names.channels, id) };
  return actions.flatMap((action) => {
    const mapped = toEpisode(message, action, origin, kept);
    return typeof mapped === "string" ? [] : [mapped];
  });
}

function toEpisode(message: Fields, action: Action, origin: Origin, names: Names): Episode | SkipReason {
  const occurrence = toRead(message, action);
  return typeof occurrence === "string" ? occurrence : toMessageEpisode(occurrence, origin, names);
}

function toRead(message: Fields, action: Action): Occurrence | SkipReason {
  // History holds messages, never changes of messages: what looks like one would be misread.
  const isChange = stringField(message, "subtype")?.startsWith("message_") === true;
  const posted = isChange ? "ignored_subtype" : toOccurrence(message);
  const atTs = editTimeOf(message);
  if (action === "posted" || typeof posted === "string" || atTs === undefined) return posted;
  return { action, message, ts: requiredTs(message, "ts"), atTs };
}

/** A message without a readable ts is known by what stands in its place, else by its content. */
function idOf({ message }: ReadMessage, { channel }: Origin): string {
  const { ts } = message;
  const hasTs = (typeof ts === "string" && ts !== "") || typeof ts === "number";
  return `${channel}:${hasTs ? String(ts).slice(0, 100) : idempotencyKey(JSON.stringify(message))}`;
}

function toFailedMessage({ message, actions }: ReadMessage, origin: Origin, names: Names): FailedMessage {
  const { teamId, channel, conversation, isShared, ourUserIds } = origin;
  const [appUser] = ourUserIds;
  return {
    team: teamId,
    channel,
    conversation,
    ...(isShared && { shared: true }),
    ...(appUser !== undefined && { app_user: appUser }),
    actions: [...actions],
    message,
    names: namesIn(message, origin, names),
  };
}

const mostNamesOfOne = 50;

/** The names that the episodes of a message show. */
function namesIn(message: Fields, origin: Origin, names: Names): FailedMessage["names"] {
  const { names: shown, ids } = new NameRequests(noNames, mostNamesOfOne);
  writerOf(message, origin, shown);
  placeOf(origin, shown);
  contentOf(message, shown);
  return { users: byId(ids.user, names.user), channels: byId(ids.channel, names.channel) };
}

function byId<Value>(ids: Iterable<string>, look: (id: string) => Value | undefined): Record<string, Value> {
  return withoutUndefined(Object.fromEntries(Array.from(ids, (id) => [id, look(id)])));
}

function own<Value>(values: Readonly<Record<string, Value>>, id: string): Value | undefined {
  return Object.hasOwn(values, id) ? values[id] : undefined;
}
