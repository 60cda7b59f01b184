import type { ConnectorContext, Episode, Page, PullRange, PullSource } from "@statewave-connectors/connector-sdk";
import { withMemories } from "@statewave-connectors/connector-sdk/memory";
import { firstSyncSinceMs } from "@statewave-connectors/connector-sdk/options";
import { type FailedPart, pagesWithin, type PartPage } from "@statewave-connectors/connector-sdk/paging";
import { checkPull } from "../check.ts";
import { SlackClient } from "../client.ts";
import type { Origin } from "../episodes/origin.ts";
import { smallTalkMemory } from "../episodes/small-talk.ts";
import { identify, type Identity } from "../identity.ts";
import { type Directory, openDirectory } from "../names/directory.ts";
import type { SlackNames } from "../names/names.ts";
import type { SlackPullOptions } from "../pull-options.ts";
import { toTs } from "../slack-time.ts";
import { type Step, walkChannel } from "./channel-walk.ts";
import { chooseChannels, type ChosenChannel } from "./choose-channels.ts";
import { type ChannelState, cursors, type Position } from "./cursor.ts";
import { hasQuietThread } from "./digest-walk.ts";
import { fetchMessage } from "./fetch-message.ts";
import { mapFailedMessage, toDigestPage, toFailedMessage, toMessagesPage } from "./pulled-message.ts";
import { SlowLane } from "./slow-lane.ts";
import { rangeStart, streamOf, streams } from "./start-points.ts";

/** Whose token it is, is requested again after this long. */
const identityForMs = 60 * 60_000;
const mostNamesOfAPage = 500;

/** One run of the entry. */
interface Run {
  readonly stored: string | undefined;
  readonly reader: ReturnType<typeof cursors.reader>;
  /** Undefined: everything that is new is read. */
  readonly range: PullRange | undefined;
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
  readonly #reader: Run["reader"];
  readonly map = (raw: unknown) => this.#remembered(mapFailedMessage(raw));
  /** Messages with which Slack fails. */
  readonly #broken = new Set<string>();
  #known: { readonly identity: Identity; readonly untilMs: number } | undefined;

  constructor(options: SlackPullOptions, context: ConnectorContext) {
    const { clock, source } = context;
    const entry = `[[pull.slack]] name = "${source.name}"`;
    this.#options = options;
    this.#context = context;
    this.#client = new SlackClient(options.base_url, options.bot_token, entry, context);
    this.#directory = openDirectory(this.#client, context, 3);
    this.#lane = new SlowLane(this.#client, clock);
    this.#reader = this.#newReader();
  }

  pages(stored: string | undefined, signal: AbortSignal): AsyncIterable<Page> {
    return this.#read({ stored, reader: this.#reader, range: undefined, signal });
  }

  range(range: PullRange, stored: string | undefined, signal: AbortSignal): AsyncIterable<Page> {
    streams.of(this.#options, range.stream);
    return pagesWithin(this.#read({ stored, reader: this.#newReader(), range, signal }), range);
  }

  check(signal: AbortSignal) {
    return checkPull({ client: this.#client, directory: this.#directory, wanted: this.#options, signal });
  }

  #newReader(): Run["reader"] {
    const { clock, random, logger } = this.#context;
    return cursors.reader({ clock, random, logger, parts: "channels" });
  }

  /**
   * The wanted channels in turns, those first that wait longest. A run that ends early leaves its round in the cursor, so that the next one
   * resumes with the channels it did not reach.
   */
  async *#read(run: Run): AsyncGenerator<Page, void, undefined> {
    const { clock } = this.#context;
    const from = cursors.parse(run.stored, this.#context);
    const identity = await this.#identify(from, run.signal);
    this.#directory.tryAgain();
    // Threads that fail are added while their channels are read.
    const missing: FailedPart[] = [];
    const parts = await this.#channels(run, identity, missing);
    const roundMs = from?.beside.roundMs ?? clock.now();
    const stateOf = ({ id }: ChosenChannel) => from?.states[id];
    yield* run.reader.pages<ChosenChannel>({
      // The order below says whose turn it is.
      from: from && { ...from, turn: undefined },
      parts: parts.toSorted((left, right) => checkedMs(stateOf(left)) - checkedMs(stateOf(right))),
      missing,
      isDue: (channel) => this.#isUnderWay(stateOf(channel)) || checkedMs(stateOf(channel)) < roundMs,
      readPart: (channel, state = this.#start(run, from)) => this.#readChannel(channel, state, { run, identity, missing }),
      beside({ states, isLast }) {
        const since = from?.beside.since;
        // A round is over when its last channel is read or has failed. One in which none was read has nothing to forget.
        const isOver = isLast && Object.values(states).some((state) => checkedMs(state) >= roundMs);
        return { team: identity.teamId, ...(!isOver && { roundMs }), ...(since !== undefined && { since }) };
      },
      signal: run.signal,
    });
  }

  /** The episodes with the memories that the options want. */
  #remembered(episodes: readonly Episode[]): readonly Episode[] {
    const { digest, memories } = this.#options;
    return withMemories(digest === undefined ? episodes : withoutMemoriesOfReplies(episodes), memories);
  }

  /** Whether a run that ended early left something of a channel to read. */
  #isUnderWay(state: ChannelState | undefined): boolean {
    const { digest, digest_quiet: quietMs } = this.#options;
    if (state?.window !== undefined) return true;
    return state !== undefined && digest !== undefined && hasQuietThread(state, quietMs, this.#context.clock.now());
  }

  /** Where a channel stands that is not in the cursor. */
  #start({ range }: Run, from: Position | undefined): ChannelState {
    const nowMs = this.#context.clock.now();
    if (range !== undefined) return rangeStart(range, nowMs);
    const sinceMs = firstSyncSinceMs(this.#options.since_default, nowMs) ?? 0;
    return { oldest: from?.beside.since ?? toTs(sinceMs), threads: {} };
  }

  async *#readChannel(
    channel: ChosenChannel,
    from: ChannelState,
    { run, identity, missing }: { readonly run: Run; readonly identity: Identity; readonly missing: FailedPart[] },
  ): AsyncGenerator<PartPage<ChannelState>, void, undefined> {
    const { clock } = this.#context;
    const { range, signal } = run;
    const { conversation } = channel.facts;
    const labelled = conversation === "channel" ? from : { ...from, conversation };
    const steps = walkChannel(
      {
        client: this.#client,
        lane: this.#lane,
        clock,
        channel: channel.id,
        broken: this.#broken,
        isRange: range !== undefined,
        digestQuietMs: this.#options.digest === undefined ? undefined : this.#options.digest_quiet,
        signal,
        onFailedThreads: ({ count, error }) =>
          missing.push({ name: `${count === 1 ? "a thread" : `${count} threads`} of ${channel.name}`, error }),
      },
      labelled,
    );
    for await (const step of steps) {
      const page = await this.#toPage(step, originOf(channel, identity), signal);
      // What an idle channel leaves behind is stored once, at the end.
      yield { ...page, state: step.state, isQuiet: isEmptyPage(page) && step.state.window === undefined };
    }
  }

  async #toPage({ messages, failures = [], digest }: Step, origin: Origin, signal: AbortSignal): Promise<Page> {
    // The messages that replies are about are read with them.
    const toPage = (names: SlackNames) =>
      digest === undefined
        ? toMessagesPage(messages, origin, { ...names, message: () => undefined }, this.#options)
        : toDigestPage(digest, origin, names, this.#options);
    const uses = (known: SlackNames) => toPage(known).episodes.length > 0;
    const mapped = toPage(await this.#namesFor(uses, signal));
    const page = { ...mapped, episodes: this.#remembered(mapped.episodes) };
    return failures.length === 0 ? page : { ...page, failures: [...failures, ...(page.failures ?? [])] };
  }

  /** A message or a reply as a page keeps it, where its raw form was not kept. */
  async fetchItem(id: string, signal: AbortSignal): Promise<unknown> {
    const found = await fetchMessage(this.#client, id, signal);
    if (found === undefined) return undefined;
    const { channel, facts } = found;
    const origin = originOf({ id: channel, facts }, await this.#identify(undefined, signal));
    this.#directory.learn("channel", channel, facts);
    const uses = (known: SlackNames) => toFailedMessage(found, origin, known) !== undefined;
    return toFailedMessage(found, origin, await this.#namesFor(uses, signal));
  }

  /** Names are waited for: no message is sent with ids because Slack is down. */
  async #namesFor(uses: (known: SlackNames) => boolean, signal: AbortSignal): Promise<SlackNames> {
    const { names, error } = await this.#directory.namesFor({ uses, most: mostNamesOfAPage, signal });
    if (error !== undefined && (error.retryable || error.code === "SLACK_UNAUTHORIZED")) throw error;
    return names;
  }

  /** What the entry wants; notes what it cannot have. */
  async #channels(run: Run, identity: Identity, missing: FailedPart[]): Promise<readonly ChosenChannel[]> {
    const { signal } = run;
    const wanted = this.#options;
    const choice = await chooseChannels({ client: this.#client, directory: this.#directory, wanted, identity, signal });
    missing.push(...choice.refused);
    for (const { error } of choice.refused.slice(1)) this.#context.logger.warn("a channel cannot be read", { error });
    const wantedStreams = streams.of(wanted, run.range?.stream);
    return choice.channels.filter(({ facts }) => wantedStreams.has(streamOf(facts.conversation)));
  }

  async #identify(from: Position | undefined, signal: AbortSignal): Promise<Identity> {
    const { clock, source } = this.#context;
    if (this.#known === undefined || this.#known.untilMs <= clock.now()) {
      const identity = await identify(this.#client, this.#options.team_id, signal);
      this.#known = { identity, untilMs: clock.now() + identityForMs };
    }
    const { identity } = this.#known;
    this.#directory.learn("workspace", identity.teamId, identity.url);
    const team = from?.beside.team;
    if (team !== undefined && team !== identity.teamId) {
      throw cursors.invalid(`belongs to the workspace ${team}, and the entry reads ${identity.teamId}`, { source });
    }
    return identity;
  }
}

/** What replies say is remembered with their thread. */
function withoutMemoriesOfReplies(episodes: readonly Episode[]): readonly Episode[] {
  return episodes.map((episode) =>
    episode.kind.endsWith(".thread.replied") ? { ...episode, candidates: smallTalkMemory } : episode,
  );
}

function isEmptyPage({ episodes, failures, skipped }: Page): boolean {
  return episodes.length === 0 && failures === undefined && skipped === undefined;
}

function originOf({ id, facts }: Pick<ChosenChannel, "id" | "facts">, { teamId, userId }: Identity): Origin {
  return {
    teamId,
    channel: id,
    conversation: facts.conversation,
    isShared: facts.isShared === true,
    ourUserIds: new Set(userId === undefined ? [] : [userId]),
  };
}

/** A channel that was never checked comes first. */
function checkedMs(state: ChannelState | undefined): number {
  return state?.checkedMs ?? -1;
}
