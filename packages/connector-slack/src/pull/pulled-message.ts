import { type Episode, idempotencyKey, mapItems, type Page } from "@statewave-connectors/connector-sdk";
import { type Fields, stringField, withoutUndefined } from "@statewave-connectors/connector-sdk/items";
import { NameRequests } from "@statewave-connectors/connector-sdk/names";
import * as v from "valibot";
import { writerOf } from "../episodes/author.ts";
import { isChannelChange, toChannelChangeEpisode } from "../episodes/channel-change.ts";
import { contentOf } from "../episodes/message-content.ts";
import { toAnsweredEpisode } from "../episodes/answered.ts";
import { toMessageEpisode } from "../episodes/message-episode.ts";
import type { NoiseOptions } from "../episodes/noise.ts";
import { editTimeOf, type Occurrence, requiredTs, type SkipReason, toOccurrence, unmappable } from "../episodes/occurrence.ts";
import type { Origin } from "../episodes/origin.ts";
import { placeOf } from "../episodes/place.ts";
import { type SlackNames, noNames } from "../names/names.ts";
import { toThreadDigest } from "../episodes/thread-digest.ts";
import type { Action, ReadMessage } from "./read-message.ts";
import type { ThreadRead } from "./read-thread.ts";

const channelFacts = v.object({
  conversation: v.picklist(["channel", "im", "mpim"]),
  name: v.optional(v.string()),
  counterpart: v.optional(v.string()),
});

const fields = v.record(v.string(), v.unknown());

/** A failed item: a message with all that its mapping takes. */
const FailedMessage = v.object({
  team: v.string(),
  channel: v.string(),
  conversation: v.picklist(["channel", "im", "mpim"]),
  shared: v.optional(v.boolean()),
  app_user: v.optional(v.string()),
  actions: v.array(v.picklist(["posted", "edited", "answered"])),
  message: fields,
  root: v.optional(fields),
  names: v.object({
    users: v.record(v.string(), v.string()),
    channels: v.record(v.string(), channelFacts),
    groups: v.optional(v.record(v.string(), v.string()), {}),
    workspaces: v.optional(v.record(v.string(), v.string()), {}),
  }),
});

type FailedMessage = v.InferOutput<typeof FailedMessage>;

/** The episodes of some messages of one channel. What cannot be mapped is a failed item. */
export function toMessagesPage(messages: readonly ReadMessage[], origin: Origin, names: SlackNames, noise: NoiseOptions): Page {
  const skipped: Record<string, number> = {};
  const toEpisodes = (read: ReadMessage): readonly Episode[] =>
    read.actions.flatMap((action) => {
      const mapped = toEpisode(read, action, { origin, names, noise });
      if (mapped === undefined) return [];
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

/** The episodes of a thread that is quiet. One that cannot be mapped is a failed item, known by its first message. */
export function toDigestPage(read: ThreadRead, origin: Origin, names: SlackNames, noise: NoiseOptions): Page {
  const { episodes, failures } = mapItems([read], {
    id: ({ thread }) => `${origin.channel}:${thread}`,
    map: () => [toThreadDigest(read, origin, names, noise)].filter((episode) => episode !== undefined),
    raw: () => undefined,
  });
  return { episodes, ...(failures.length > 0 && { failures }) };
}

/** The episodes of a failed item, mapped again. Throws SLACK_EVENT_UNMAPPABLE while it cannot be mapped. */
export function mapFailedMessage(raw: unknown): readonly Episode[] {
  const parsed = v.safeParse(FailedMessage, raw);
  if (!parsed.success) throw unmappable(`was not kept by this connector: ${v.getDotPath(parsed.issues[0]) ?? "it"} is wrong`);
  const { team, channel, conversation, shared, app_user: appUser, actions, message, root, names } = parsed.output;
  const origin: Origin = {
    teamId: team,
    channel,
    conversation,
    isShared: shared === true,
    ourUserIds: new Set(appUser === undefined ? [] : [appUser]),
  };
  const kept: SlackNames = {
    user: (id) => own(names.users, id),
    channel: (id) => own(names.channels, id),
    group: (id) => own(names.groups, id),
    workspace: (id) => own(names.workspaces, id),
    message: () => undefined,
  };
  return actions.flatMap((action) => {
    const mapped = toEpisode({ message, root }, action === "answered" ? "posted" : action, {
      origin,
      names: kept,
      noise: noNoise,
    });
    return typeof mapped === "object" ? [mapped] : [];
  });
}

/** What is left out does not fail. */
const noNoise: NoiseOptions = { include_bots: true, min_length: 0 };

/** What an episode is written with. */
interface Mapping {
  readonly origin: Origin;
  readonly names: SlackNames;
  readonly noise: NoiseOptions;
}

/** Undefined: there is nothing new. */
function toEpisode(
  { message, root }: Pick<ReadMessage, "message" | "root">,
  action: Action,
  { origin, names, noise }: Mapping,
): Episode | SkipReason | undefined {
  if (action === "answered") return toAnsweredEpisode(message, origin, names, noise);
  if (action === "posted" && isChannelChange(message)) return toChannelChangeEpisode(message, origin, names);
  const occurrence = toRead(message, action);
  return typeof occurrence === "string" ? occurrence : toMessageEpisode({ ...occurrence, root }, origin, names, noise);
}

function toRead(message: Fields, action: "posted" | "edited"): Occurrence | SkipReason {
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

/** A message as `FailedItem.raw` keeps it. */
export function toFailedMessage({ message, actions, root }: ReadMessage, origin: Origin, names: SlackNames): FailedMessage {
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
    ...(root !== undefined && { root }),
    names: namesIn({ message, root }, origin, names),
  };
}

const mostNamesOfOne = 50;

/** The names that the episodes of a message show. */
function namesIn(
  { message, root }: Pick<ReadMessage, "message" | "root">,
  origin: Origin,
  names: SlackNames,
): FailedMessage["names"] {
  const { names: shown, ids } = new NameRequests(noNames, mostNamesOfOne);
  for (const each of root === undefined ? [message] : [message, root]) {
    writerOf(each, origin, shown);
    contentOf(each, shown);
  }
  placeOf(origin, shown);
  return {
    users: byId(ids.user, names.user),
    channels: byId(ids.channel, names.channel),
    groups: byId(ids.group, names.group),
    workspaces: byId([origin.teamId], names.workspace),
  };
}

function byId<Value>(ids: Iterable<string>, look: (id: string) => Value | undefined): Record<string, Value> {
  return withoutUndefined(Object.fromEntries(Array.from(ids, (id) => [id, look(id)])));
}

function own<Value>(values: Readonly<Record<string, Value>>, id: string): Value | undefined {
  return Object.hasOwn(values, id) ? values[id] : undefined;
}
