import {
  type ConnectorContext,
  ConnectorsError,
  type Episode,
  type Page,
  type PullSource,
} from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { firstSyncSinceMs } from "@statewave-connectors/connector-sdk/options";
import { type Step, walkChannel } from "./channel-walk.ts";
import { checkPull } from "./check.ts";
import { chooseChannels, type ChosenChannel, isChannelRefusal } from "./choose-channels.ts";
import { SlackClient } from "./client.ts";
import { assertSameTeam, type ChannelState, formatCursor, parseCursor } from "./cursor.ts";
import { Directory } from "./directory.ts";
import { identify, type Identity } from "./identity.ts";
import { toMessageEpisode } from "./message-episode.ts";
import { NameRequests, type Names, noNames } from "./names.ts";
import type { Origin } from "./origin.ts";
import { Pace } from "./pace.ts";
import type { SlackPullOptions } from "./pull-config.ts";
import { toTs } from "./slack-time.ts";

/** Who the token belongs to is asked again after this long. */
const identityForMs = 60 * 60_000;
/** A page waits so long for the names in it, then shows ids. */
const namesPatienceMs = 60_000;
const maxLookUpsOfAPage = 500;

interface Opened {
  readonly options: SlackPullOptions;
  readonly context: ConnectorContext;
  readonly client: SlackClient;
  readonly directory: Directory;
  readonly pace: Pace;
  readonly who: (signal: AbortSignal) => Promise<Identity>;
}

/** Opens a `[[pull.slack]]` entry. */
export function openPull(options: SlackPullOptions, context: ConnectorContext): PullSource {
  const { clock, logger, source } = context;
  const entry = `[[pull.slack]] name = "${source.name}"`;
  const client = new SlackClient({ baseUrl: options.base_url, token: options.bot_token, entry, context });
  let known: { identity: Identity; untilMs: number } | undefined;
  const who = async (signal: AbortSignal) => {
    if (known === undefined || known.untilMs <= clock.now()) {
      known = { identity: await identify(client, signal), untilMs: clock.now() + identityForMs };
    }
    return known.identity;
  };
  const directory = new Directory({ client, clock, logger });
  const opened = { options, context, client, directory, pace: new Pace(clock), who };
  return {
    pages: (cursor, signal) => pages(opened, cursor, signal),
    check: (signal) => checkPull({ client, directory, wanted: options, signal }),
  };
}

/**
 * Every wanted channel, one after the other, those first that wait longest. A tick that ends early leaves its round in the cursor, so that
 * the next one goes on with the channels it did not reach. A channel that is refused does not keep the others from being read; its error
 * is thrown at the end.
 */
async function* pages(opened: Opened, stored: string | undefined, signal: AbortSignal): AsyncGenerator<Page, void, undefined> {
  const { context, client, directory, options } = opened;
  const sourceKey = formatSourceKey(context.source);
  const found = stored === undefined ? undefined : parseCursor(stored, sourceKey);
  const identity = await opened.who(signal);
  if (found !== undefined) assertSameTeam(found, identity.teamId, sourceKey);
  const { channels, refused } = await chooseChannels({ client, directory, wanted: options, identity, signal });
  const nowMs = context.clock.now();
  const roundMs = found?.roundMs ?? nowMs;
  const errors = [...refused];
  const states = { ...found?.channels };
  const cursorNow = () => formatCursor({ v: 1, team: identity.teamId, roundMs, channels: states });
  let yielded = stored;
  try {
    for (const channel of dueChannels(channels, states, roundMs)) {
      try {
        for await (const step of stepsOf(opened, channel, states[channel.id], signal)) {
          const page = await toPage(opened, step, originOf(channel, identity), signal);
          states[channel.id] = step.state;
          // What an idle channel leaves behind is stored once, at the end.
          if (page.episodes.length === 0 && page.skipped === undefined && step.state.window === undefined) continue;
          yielded = cursorNow();
          yield { ...page, cursor: yielded };
        }
      } catch (error) {
        if (!isChannelRefusal(error)) throw error;
        errors.push(error);
      }
    }
  } catch (error) {
    if (!signal.aborted && cursorNow() !== yielded) yield { episodes: [], cursor: cursorNow() };
    throw error;
  }
  const ended = formatCursor({ v: 1, team: identity.teamId, channels: states });
  if (ended !== yielded) yield { episodes: [], cursor: ended };
  // One error ends a tick; the others are not to be found out one after the other.
  const [first, ...others] = errors;
  for (const error of others) context.logger.warn("a channel cannot be read", { error });
  if (first !== undefined) throw first;
}

type States = Readonly<Record<string, ChannelState>>;

function dueChannels(channels: readonly ChosenChannel[], states: States, roundMs: number): readonly ChosenChannel[] {
  const checkedMs = ({ id }: ChosenChannel) => states[id]?.checkedMs ?? -1;
  return channels.filter((channel) => checkedMs(channel) < roundMs).toSorted((left, right) => checkedMs(left) - checkedMs(right));
}

function stepsOf(
  opened: Opened,
  channel: ChosenChannel,
  state: ChannelState | undefined,
  signal: AbortSignal,
): AsyncGenerator<Step, void> {
  const { context, client, pace, options } = opened;
  const { clock } = context;
  const beginning = () => toTs(firstSyncSinceMs(options.since_default, clock.now()) ?? 0);
  const first = (): ChannelState => ({ oldest: beginning(), threads: {} });
  return walkChannel({ client, clock, pace, channel: channel.id, signal }, state ?? first());
}

async function toPage(opened: Opened, step: Step, origin: Origin, signal: AbortSignal): Promise<Page> {
  const requests = new NameRequests(noNames, maxLookUpsOfAPage);
  if (mapStep(step, origin, requests).episodes.length === 0) return mapStep(step, origin, noNames);
  const { names, retryAtMs, answered } = await opened.directory.resolve(requests, signal, namesPatienceMs);
  // Names are waited for as long as the waiting brings some.
  if (retryAtMs === undefined || answered === 0) return mapStep(step, origin, names);
  throw new ConnectorsError({
    code: "SLACK_RATE_LIMITED",
    message: `Slack limits looking up names for ${opened.client.entry}; again after ${new Date(retryAtMs).toISOString()}`,
    retryAtMs,
  });
}

function mapStep({ occurrences }: Step, origin: Origin, names: Names): Page {
  const episodes: Episode[] = [];
  const skipped: Record<string, number> = {};
  for (const occurrence of occurrences) {
    const mapped = typeof occurrence === "string" ? occurrence : toMessageEpisode(occurrence, origin, names);
    if (typeof mapped === "string") skipped[mapped] = (skipped[mapped] ?? 0) + 1;
    else episodes.push(mapped);
  }
  return { episodes, ...(Object.keys(skipped).length === 0 ? {} : { skipped }) };
}

function originOf({ id, facts }: ChosenChannel, { teamId, userId }: Identity): Origin {
  return {
    teamId,
    originTeamId: undefined,
    channel: id,
    conversation: facts.conversation,
    ourUserIds: new Set(userId === undefined ? [] : [userId]),
    eventId: undefined,
  };
}
