import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { type Fields, stringField, toFields, toFieldsList } from "@statewave-connectors/connector-sdk/items";
import { cursorPages, type CursorRead, type FailedPart, partVerdict } from "@statewave-connectors/connector-sdk/paging";
import type { SlackAnswer, SlackClient } from "../client.ts";
import type { ChannelFacts, Wanted } from "../conversation.ts";
import { channelNotFound, missingScope, notInChannel } from "../errors.ts";
import type { Identity } from "../identity.ts";
import type { Directory } from "../names/directory.ts";
import { toChannelFacts } from "../names/to-names.ts";

export interface ChosenChannel {
  readonly id: string;
  /** `#general (C012AB3CD)` */
  readonly name: string;
  readonly isPrivate: boolean;
  readonly facts: ChannelFacts;
}

/** What the entry wants and can be read, and why the rest of it cannot. */
export interface Choice {
  readonly channels: readonly ChosenChannel[];
  readonly refused: readonly FailedPart[];
}

export interface ChooseOptions {
  readonly client: SlackClient;
  readonly directory: Directory;
  readonly wanted: Wanted;
  readonly identity: Identity;
  readonly signal: AbortSignal;
}

const listSizes = [999, 200];

/** Finds the conversations that the entry wants: all that the app is in, or those that it names. */
export async function chooseChannels(options: ChooseOptions): Promise<Choice> {
  const { client, wanted } = options;
  const refused: FailedPart[] = [];
  const types = listedTypes(options, refused);
  const named = new Set(wanted.channels);
  const chosen = new Map<string, ChosenChannel>();
  const choose = (channel: Fields, as: string | undefined) => {
    const found = toChosen(channel);
    named.delete(found.id);
    if (as !== undefined) named.delete(as);
    const isOut = channel["is_archived"] === true || isAway(channel);
    if (!isOut) chosen.set(found.id, found);
    else if (as !== undefined) refused.push({ name: as, error: client.error(notInChannel(client.entry, as)) });
  };
  for await (const channel of listed(options, types, refused)) {
    const { id, facts } = toChosen(channel);
    const as = [id, `#${facts.name ?? ""}`].find((word) => named.has(word));
    if (wanted.channels === undefined || facts.conversation !== "channel" || as !== undefined) choose(channel, as);
  }
  for (const word of named) {
    if (word.startsWith("#")) refused.push({ name: word, error: client.error(channelNotFound(client.entry, word)) });
    else await lookUp(options, word, choose, refused);
  }
  return { channels: [...chosen.values()], refused };
}

/** Which types of conversation have to be listed. Those the token has no scope for are left out, and named where they were wanted. */
function listedTypes({ client, wanted, identity }: ChooseOptions, refused: FailedPart[]): readonly string[] {
  const noScope = (option: string, scope: string) =>
    client.error(missingScope(`conversations.list (${option}) for ${client.entry}`, scope));
  const may = (scope: string) => identity.scopes?.has(scope) ?? true;
  const types: string[] = [];
  if (wanted.channels === undefined || wanted.channels.some((channel) => channel.startsWith("#"))) {
    if (may("channels:read")) types.push("public_channel");
    if (may("groups:read")) types.push("private_channel");
    if (types.length === 0) throw noScope("channels", "channels:read");
  }
  const direct = [
    { isWanted: wanted.include_dms, type: "im", option: "include_dms" },
    { isWanted: wanted.include_mpim, type: "mpim", option: "include_mpim" },
  ];
  for (const { isWanted, type, option } of direct) {
    if (!isWanted) continue;
    const scope = `${type}:read`;
    if (may(scope)) types.push(type);
    else refused.push({ name: option, error: noScope(option, scope) });
  }
  return types;
}

/** The conversations of the app. One without an id cannot be read: it is refused, unless the entry names what it wants. */
async function* listed(options: ChooseOptions, types: readonly string[], refused: FailedPart[]): AsyncGenerator<Fields, void> {
  if (types.length === 0) return;
  const { client, directory, wanted, signal } = options;
  const args = { types: types.join(","), exclude_archived: true, team_id: wanted.team_id };
  const pages = cursorPages<CursorRead<Fields>>({
    codePrefix: "SLACK",
    provider: "Slack",
    list: "conversations",
    signal,
    sizes: listSizes,
    keyOf: (channel) => stringField(channel, "id") ?? "",
    fetchPage: async (cursor, limit) => {
      const answer = await client.call("conversations.list", { ...args, limit, cursor }, signal);
      const rows = answer.body["channels"];
      if (!Array.isArray(rows)) throw client.badAnswer(answer, "has no list of channels");
      const items = toFieldsList(rows).filter((row) => stringField(row, "id") !== undefined);
      if (items.length < rows.length && wanted.channels === undefined) refused.push(withoutId(client, answer));
      return { items, next: answer.next, hasMore: undefined };
    },
  });
  for await (const { items } of pages) {
    for (const channel of items) {
      // In large workspaces the app is in few of the channels.
      if (!isAway(channel)) learn(directory, channel);
      yield channel;
    }
  }
}

function withoutId(client: SlackClient, answer: SlackAnswer): FailedPart {
  return { name: "a conversation", error: client.badAnswer(answer, "lists a conversation without an id") };
}

function learn(directory: Directory, channel: Fields): void {
  const { id, facts } = toChosen(channel);
  directory.learn("channel", id, facts);
}

async function lookUp(
  { client, directory, signal }: ChooseOptions,
  id: string,
  choose: (channel: Fields, as: string) => void,
  refused: FailedPart[],
): Promise<void> {
  try {
    const { body } = await client.call("conversations.info", { channel: id }, signal);
    const channel = { ...toFields(body["channel"]), id };
    learn(directory, channel);
    choose(channel, id);
  } catch (error) {
    if (!isConnectorsError(error) || partVerdict(error) === "source") throw error;
    refused.push({ name: id, error });
  }
}

/** DMs carry no `is_member`: the app is in all that it sees. */
function isAway(channel: Fields): boolean {
  return channel["is_member"] === false;
}

function toChosen(channel: Fields): ChosenChannel {
  const id = stringField(channel, "id") ?? "";
  const facts = toChannelFacts(channel);
  const name = facts.name === undefined ? id : `#${facts.name} (${id})`;
  return { id, name, isPrivate: channel["is_private"] === true, facts };
}
