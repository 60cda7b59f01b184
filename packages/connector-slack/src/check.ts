import { type CheckResult, describeError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { chooseChannels, type ChooseOptions, type ChosenChannel } from "./pull/choose-channels.ts";
import type { SlackClient } from "./client.ts";
import type { Conversation } from "./conversation.ts";
import { missingScope } from "./errors.ts";
import { identify, type Identity } from "./identity.ts";

type CheckOptions = Omit<ChooseOptions, "identity">;

/** Whose token it is, which channels it can read, and which scopes are missing for what is wanted. */
export async function checkPull(options: CheckOptions): Promise<readonly CheckResult[]> {
  const { client } = options;
  return attempt(options, async (identity, results) => {
    const { channels, refused } = await chooseChannels({ ...options, identity });
    for (const { error } of refused) results.push(failed(error));
    const kinds = new Map(channels.map((channel) => [scopePrefix(channel), channel]));
    for (const [prefix, channel] of kinds) {
      results.push(scopeResult(client, identity, `${prefix}:history`, "conversations.history", channel.facts.name ?? channel.id));
    }
    results.push({ ok: channels.length > 0, message: channelsSentence(client.entry, channels) });
    results.push(namesResult(client, identity));
  });
}

/** Whether the token gives names. That the signing secret is right only a delivery can show. */
export async function checkPush(options: CheckOptions): Promise<readonly CheckResult[]> {
  const { client, wanted } = options;
  return attempt(options, async (identity, results) => {
    const hasNamed = wanted.channels !== undefined;
    const choice = hasNamed
      ? await chooseChannels({ ...options, identity, wanted: { ...wanted, include_dms: false, include_mpim: false } })
      : undefined;
    for (const { error } of choice?.refused ?? []) results.push(failed(error));
    if (choice !== undefined)
      results.push({ ok: choice.channels.length > 0, message: channelsSentence(client.entry, choice.channels) });
    if (wanted.include_dms) results.push(scopeResult(client, identity, "im:read", "conversations.info", "include_dms"));
    if (wanted.include_mpim) results.push(scopeResult(client, identity, "mpim:read", "conversations.info", "include_mpim"));
    results.push(namesResult(client, identity));
  });
}

async function attempt(
  { client, wanted, signal }: CheckOptions,
  look: (identity: Identity, results: CheckResult[]) => Promise<void>,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  try {
    const identity = await identify(client, wanted.team_id, signal);
    results.push({
      ok: true,
      message: `bot_token of ${client.entry} is for ${identity.teamName} (${identity.teamId})`,
    });
    await look(identity, results);
  } catch (error) {
    signal.throwIfAborted();
    if (!isConnectorsError(error)) throw error;
    results.push(failed(error));
  }
  return results;
}

function scopeResult(client: SlackClient, { scopes }: Identity, scope: string, method: string, about: string): CheckResult {
  const { entry } = client;
  if (scopes?.has(scope) ?? true) return { ok: true, message: `bot_token of ${entry} has the scope ${scope}` };
  return failed(client.error(missingScope(`${method} (${about}) for ${entry}`, scope)));
}

function failed(error: unknown): CheckResult {
  return { ok: false, message: describeError(error), ...(isConnectorsError(error) && { error }) };
}

function namesResult({ entry }: SlackClient, { scopes }: Identity): CheckResult {
  return (scopes?.has("users:read") ?? true)
    ? { ok: true, message: `people appear by name in ${entry}` }
    : { ok: true, message: `people appear by id in ${entry}: its bot_token lacks the scope users:read` };
}

function channelsSentence(entry: string, channels: readonly ChosenChannel[]): string {
  if (channels.length === 0) return `${entry} finds no channel that the app is in: type /invite @<app> in those to be read`;
  const some = channels.slice(0, 5).map(({ id, facts }) => (facts.name === undefined ? id : `#${facts.name}`));
  const more = channels.length > some.length ? ` and ${channels.length - some.length} more` : "";
  return `${entry} reads ${some.join(", ")}${more}`;
}

function scopePrefix({ facts, isPrivate }: ChosenChannel): string {
  const prefixes: Readonly<Record<Conversation, string>> = { im: "im", mpim: "mpim", channel: isPrivate ? "groups" : "channels" };
  return prefixes[facts.conversation];
}
