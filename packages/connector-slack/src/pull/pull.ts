import {
  type ConnectorContext,
  isConnectorsError,
  type Page,
  type PullRange,
  type PullSource,
} from "@statewave-connectors/connector-sdk";
import { firstSyncSinceMs } from "@statewave-connectors/connector-sdk/options";
import { type FailedPart, type PartPage, PartsInTurn } from "@statewave-connectors/connector-sdk/paging";
import { checkPull } from "../check.ts";
import { SlackClient } from "../client.ts";
import type { Origin } from "../episodes/origin.ts";
import { identify, type Identity } from "../identity.ts";
import { type Directory, openDirectory } from "../names/directory.ts";
import type { Names } from "../names/names.ts";
import type { SlackPullOptions } from "../pull-options.ts";
import { toTs } from "../slack-time.ts";
import { type Step, walkChannel } from "./channel-walk.ts";
import { chooseChannels, type ChosenChannel } from "./choose-channels.ts";
import { type ChannelState, type Cursor, cursors } from "./cursor.ts";
import { mapFailedMessage, toMessagesPage } from "./pulled-message.ts";
import { rangeStart } from "./range.ts";
import { SlowLane } from "./slow-lane.ts";
import { assertStream, streamOf } from "./start-points.ts";

/** Whose token it is, is requested again after this long. */
const identityForMs = 60 * 60_000;
const mostNamesOfAPage = 500;
/** What could not be read for a reason that may pass is worth another run after this long. */
const retryAfterMs = 60_000;

/** What one run reads, and from where on. */
interface Run {
  readonly stored: string | undefined;
  readonly turns: PartsInTurn;
  readonly wants: (channel: ChosenChannel) => boolean;
  /** Where a channel stands that is not in the cursor. */
  readonly start: (cursor: Cursor | undefined) => ChannelState;
  readonly isRange: boolean;
  readonly signal: AbortSignal;
}

/** Opens a `[[pull.slack]]` entry. */
export function openPull(options: SlackPullOptions, context: ConnectorContext): PullSource {
  return new SlackPullSource(options, context);
}

class SlackPullSource implements PullSource {
  readonly #options: SlackPullOptions;
  readonly #context: ConnectorContext;
  readonly #client: SlackClient;
  readonly #directory: Directory;
  readonly #lane: SlowLane;
  readonly #turns: PartsInTurn;
  readonly map = mapFailedMessage;
  #known: { readonly identity: Identity; readonly untilMs: number } | undefined;

  constructor(options: SlackPullOptions, context: ConnectorContext) {
    const { clock, source } = context;
    const entry = `[[pull.slack]] name = "${source.name}"`;
    this.#options = options;
    this.#context = context;
    this.#client = new SlackClient(options.base_url, options.bot_token, entry, context);
    this.#directory = openDirectory(this.#client, context, 3);
    this.#lane = new SlowLane(this.#client, clock);
    this.#turns = this.#newTurns();
  }

  pages(stored: string | undefined, signal: AbortSignal): AsyncIterable<Page> {
    const { clock } = this.#context;
    const sinceMs = firstSyncSinceMs(this.#options.since_default, clock.now()) ?? 0;
    const start = (cursor: Cursor | undefined): ChannelState => ({ oldest: cursor?.since ?? toTs(sinceMs), threads: {} });
    return this.#read({ stored, turns: this.#turns, wants: () => true, start, isRange: false, signal });
  }

  async *range(range: PullRange, stored: string | undefined, signal: AbortSignal): AsyncGenerator<Page, void, undefined> {
    const { stream, since, until } = range;
    if (stream !== undefined) assertStream(this.#options, stream);
    const state = rangeStart(range, this.#context.clock.now());
    const pages = this.#read({
      stored,
      turns: this.#newTurns(),
      wants: ({ facts }) => stream === undefined || streamOf(facts.conversation) === stream,
      start: () => state,
      isRange: true,
      signal,
    });
    const [fromMs, untilMs] = [Date.parse(since), Date.parse(until)];
    for await (const page of pages) {
      const isInside = (at: string) => Date.parse(at) >= fromMs && Date.parse(at) < untilMs;
      yield { ...page, episodes: page.episodes.filter((episode) => isInside(episode.occurred_at)) };
    }
  }

  check(signal: AbortSignal) {
    return checkPull({ client: this.#client, directory: this.#directory, wanted: this.#options, signal });
  }

  #newTurns(): PartsInTurn {
    const { clock, random, logger } = this.#context;
    return new PartsInTurn({ clock, random, logger, codePrefix: "SLACK", parts: "channels" });
  }

  /**
   * The wanted channels in turns, those first that wait longest. A run that ends early leaves its round in the cursor, so that the next one
   * resumes with the channels it did not reach.
   */
  async *#read(run: Run): AsyncGenerator<Page, void, undefined> {
    const { clock } = this.#context;
    const found = cursors.parse(run.stored, this.#context);
    const identity = await this.#identify(found, run.signal);
    this.#directory.tryAgain();
    // Threads that fail are added while their channels are read.
    const missing: FailedPart[] = [];
    const parts = await this.#channels(run, identity, missing);
    const roundMs = found?.roundMs ?? clock.now();
    const states = found?.channels ?? {};
    const checkedMs = ({ id }: ChosenChannel) => states[id]?.checkedMs ?? -1;
    const turns = run.turns.read<ChannelState, ChosenChannel>({
      parts: parts.toSorted((left, right) => checkedMs(left) - checkedMs(right)),
      states,
      missing,
      readPart: (channel, state) => {
        // A range ends with the window that it began with.
        const isRead = state?.window === undefined && (run.isRange ? state !== undefined : checkedMs(channel) >= roundMs);
        return isRead ? nothing() : this.#readChannel(channel, state ?? run.start(found), identity, missing, run.signal);
      },
      signal: run.signal,
    });
    let yielded = run.stored;
    for await (const { states: channels, turn: _, isLast, ...page } of turns) {
      const since = found?.since;
      // A round is over when its last channel is read or has failed. One in which none was read has nothing to forget.
      const isOver = isLast && Object.values(channels).some((state) => (state.checkedMs ?? -1) >= roundMs);
      const round = { ...(since !== undefined && { since }), ...(!isOver && { roundMs }) };
      const cursor = cursors.format({ v: 1, team: identity.teamId, ...round, channels });
      if (isEmptyPage(page) && cursor === yielded) continue;
      yielded = cursor;
      yield { ...page, cursor };
    }
  }

  async *#readChannel(
    channel: ChosenChannel,
    from: ChannelState,
    identity: Identity,
    missing: FailedPart[],
    signal: AbortSignal,
  ): AsyncGenerator<PartPage<ChannelState>, void, undefined> {
    const { clock } = this.#context;
    const { conversation } = channel.facts;
    const labelled = conversation === "channel" ? from : { ...from, conversation };
    const steps = walkChannel(
      {
        client: this.#client,
        lane: this.#lane,
        clock,
        channel: channel.id,
        signal,
        onFailedThreads: ({ count, error }) =>
          missing.push({
            name: `${count === 1 ? "a thread" : `${count} threads`} of ${channel.name}`,
            error,
            retryAtMs: this.#retryAtMs(error),
          }),
      },
      labelled,
    );
    for await (const step of steps) {
      const page = await this.#toPage(step, originOf(channel, identity), signal);
      // What an idle channel leaves behind is stored once, at the end.
      yield { ...page, state: step.state, isQuiet: isEmptyPage(page) && step.state.window === undefined };
    }
  }

  async #toPage({ messages }: Step, origin: Origin, signal: AbortSignal): Promise<Page> {
    const uses = (known: Names) => toMessagesPage(messages, origin, known).episodes.length > 0;
    const { names, error } = await this.#directory.namesFor({ uses, most: mostNamesOfAPage, signal });
    // Names are waited for: a page is not sent with ids because Slack is down.
    if (error !== undefined && (error.retryable || error.code === "SLACK_UNAUTHORIZED")) throw error;
    return toMessagesPage(messages, origin, names);
  }

  /** What the entry wants; notes what it cannot have. */
  async #channels(run: Run, identity: Identity, missing: FailedPart[]): Promise<readonly ChosenChannel[]> {
    const { signal } = run;
    const wanted = this.#options;
    const choice = await chooseChannels({ client: this.#client, directory: this.#directory, wanted, identity, signal });
    for (const { name, error } of choice.refused) missing.push({ name, error, retryAtMs: this.#retryAtMs(error) });
    for (const { error } of choice.refused.slice(1)) this.#context.logger.warn("a channel cannot be read", { error });
    return choice.channels.filter((channel) => run.wants(channel));
  }

  async #identify(found: Cursor | undefined, signal: AbortSignal): Promise<Identity> {
    const { clock, source } = this.#context;
    if (this.#known === undefined || this.#known.untilMs <= clock.now()) {
      const identity = await identify(this.#client, this.#options.team_id, signal);
      this.#known = { identity, untilMs: clock.now() + identityForMs };
    }
    const { identity } = this.#known;
    if (found?.team !== undefined && found.team !== identity.teamId) {
      throw cursors.invalid(`belongs to the workspace ${found.team}, and the entry reads ${identity.teamId}`, { source });
    }
    return identity;
  }

  #retryAtMs(error: unknown): number | undefined {
    return isConnectorsError(error) && error.retryable ? this.#context.clock.now() + retryAfterMs : undefined;
  }
}

async function* nothing(): AsyncGenerator<never, void, undefined> {}

function isEmptyPage({ episodes, failures, skipped }: Page): boolean {
  return episodes.length === 0 && failures === undefined && skipped === undefined;
}

function originOf({ id, facts }: ChosenChannel, { teamId, userId }: Identity): Origin {
  return {
    teamId,
    originTeamId: undefined,
    channel: id,
    conversation: facts.conversation,
    isShared: facts.isShared === true,
    ourUserIds: new Set(userId === undefined ? [] : [userId]),
    eventId: undefined,
  };
}
