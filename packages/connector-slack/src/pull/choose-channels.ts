import type { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { SlackClient } from "./client.ts";
import type { ChannelFacts, Wanted } from "./conversation.ts";
import { type Directory, toChannelFacts } from "./directory.ts";
import { badAnswer, channelNotFound, missingScope, notInChannel } from "./errors.ts";
import { type Fields, stringField, toFields, toFieldsList } from "./fields.ts";
import type { Identity } from "./identity.ts";

export interface ChosenChannel {
  readonly id: string;
  readonly isPrivate: boolean;
  readonly facts: ChannelFacts;
}

/** What the entry asks for and can be read, and why the rest of it cannot. */
export interface Choice {
  readonly channels: readonly ChosenChannel[];
  readonly refused: readonly ConnectorsError[];
}

export interface ChooseOptions {
  readonly client: SlackClient;
  readonly directory: Directory;
  readonly wanted: Wanted;
  readonly identity: Identity;
  readonly signal: AbortSignal;
}

const listPageSize = 999;
const maxListPages = 1_000;

/** Finds the conversations that the entry wants: all that the app is in, or those that it names. */
export async function chooseChannels(options: ChooseOptions): Promise<Choice> {
  const { client, wanted } = options;
  const refused: ConnectorsError[] = [];
  const types = listedTypes(options, refused);
  const named = new Set(wanted.channels);
  const chosen = new Map<string, ChosenChannel>();
  const choose = (channel: Fields, as: string | undefined) => {
    const found = toChosen(channel);
    named.delete(found.id);
    if (as !== undefined) named.delete(as);
    const isOut = channel["is_archived"] === true || isAway(channel);
    if (!isOut) chosen.set(found.id, found);
    else if (as !== undefined) refused.push(notInChannel(client.entry, as));
  };
  for await (const channel of listed(options, types)) {
    const { id, facts } = toChosen(channel);
    const as = [id, `#${facts.name ?? ""}`].find((word) => named.has(word));
    if (wanted.channels === undefined || facts.conversation !== "channel" || as !== undefined) choose(channel, as);
  }
  for (const word of named) {
    if (word.startsWith("#")) refused.push(channelNotFound(client.entry, word));
    else await lookUp(options, word, choose, refused);
  }
  return { channels: [...chosen.values()], refused };
}

/** Which types of conversation have to be listed. Those the token has no scope for are left out, and named where they were asked for. */
function listedTypes({ client, wanted, identity }: ChooseOptions, refused: ConnectorsError[]): readonly string[] {
  const may = (scope: string) => identity.scopes?.has(scope) ?? true;
  const asked = { entry: client.entry, method: "conversations.list" };
  const types: string[] = [];
  if (wanted.channels === undefined || wanted.channels.some((channel) => channel.startsWith("#"))) {
    if (may("channels:read")) types.push("public_channel");
    if (may("groups:read")) types.push("private_channel");
    if (types.length === 0) throw missingScope({ ...asked, about: "channels" }, "channels:read");
  }
  const direct = [
    { isWanted: wanted.include_dms, type: "im", option: "include_dms" },
    { isWanted: wanted.include_mpim, type: "mpim", option: "include_mpim" },
  ];
  for (const { isWanted, type, option } of direct) {
    if (!isWanted) continue;
    if (may(`${type}:read`)) types.push(type);
    else refused.push(missingScope({ ...asked, about: option }, `${type}:read`));
  }
  return types;
}

async function* listed({ client, directory, signal }: ChooseOptions, types: readonly string[]): AsyncGenerator<Fields, void> {
  if (types.length === 0) return;
  let cursor: string | undefined;
  for (let page = 0; page < maxListPages; page += 1) {
    const args = { types: types.join(","), exclude_archived: true, limit: listPageSize, cursor };
    const { body } = await client.call("conversations.list", args, signal);
    for (const channel of toFieldsList(body["channels"])) {
      if (stringField(channel, "id") === undefined) continue;
      // In large workspaces most channels are none of ours.
      if (!isAway(channel)) directory.learnChannel(channel);
      yield channel;
    }
    cursor = stringField(toFields(body["response_metadata"]), "next_cursor");
    if (cursor === undefined) return;
  }
  throw badAnswer(`Slack's list of channels for ${client.entry} does not end`);
}

async function lookUp(
  { client, directory, signal }: ChooseOptions,
  id: string,
  choose: (channel: Fields, as: string) => void,
  refused: ConnectorsError[],
): Promise<void> {
  try {
    const { body } = await client.call("conversations.info", { channel: id }, signal);
    const channel = toFields(body["channel"]) ?? {};
    directory.learnChannel(channel);
    choose({ ...channel, id }, id);
  } catch (error) {
    if (!isChannelRefusal(error)) throw error;
    refused.push(error);
  }
}

/** An error that speaks of one channel alone. */
export function isChannelRefusal(error: unknown): error is ConnectorsError {
  return (
    isConnectorsError(error) &&
    ["SLACK_CHANNEL_NOT_FOUND", "SLACK_NOT_IN_CHANNEL", "SLACK_MISSING_SCOPE", "SLACK_REFUSED"].includes(error.code)
  );
}

/** DMs carry no `is_member`: the app is in all that it sees. */
function isAway(channel: Fields): boolean {
  return channel["is_member"] === false;
}

function toChosen(channel: Fields): ChosenChannel {
  return { id: stringField(channel, "id") ?? "", isPrivate: channel["is_private"] === true, facts: toChannelFacts(channel) };
}
