import { type Clock, describeError, isConnectorsError, type Logger, sleep } from "@statewave-connectors/connector-sdk";
import { oneLine } from "./author.ts";
import type { SlackClient } from "./client.ts";
import type { ChannelFacts } from "./conversation.ts";
import { ExpiringCache } from "./expiring-cache.ts";
import { type Fields, stringField, toFields } from "./fields.ts";
import type { NameRequests, Names } from "./names.ts";

export interface DirectoryOptions {
  readonly client: SlackClient;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Resolution {
  readonly names: Names;
  /** Slack limited the look-ups and something is still unknown: when asking again would help. */
  readonly retryAtMs?: number | undefined;
  /** How many look-ups Slack answered meanwhile. */
  readonly answered: number;
}

/** Names change rarely; after this long a new one shows. */
const knownForMs = 60 * 60_000;
/** A person or channel that Slack does not know, or will not show. */
const unknownForMs = 10 * 60_000;
const maxUsers = 5_000;
const maxChannels = 2_000;
/** After an outage, and after a refusal that only a person can mend: look-ups rest, and ids are written. */
const restAfterOutageMs = 60_000;
const restAfterRefusalMs = 10 * 60_000;
/** A look-up goes on for others when the one who asked first gives up. */
const neverAborts = new AbortController().signal;

/** What Slack says of one id, as opposed to not answering the question. */
const absentCodes = new Set(["SLACK_CHANNEL_NOT_FOUND", "SLACK_NOT_IN_CHANNEL", "SLACK_REFUSED"]);

/** Who and what an id stands for, asked of Slack and remembered, in bounded memory. A look-up that fails is an absent name, never an error. */
export class Directory {
  readonly #options: DirectoryOptions;
  readonly #users = new ExpiringCache<{ readonly name: string | undefined }>(maxUsers);
  readonly #channels = new ExpiringCache<{ readonly facts: ChannelFacts | undefined }>(maxChannels);
  readonly #running = new Map<string, Promise<boolean>>();
  readonly #restsUntilMs = new Map<string, { readonly untilMs: number; readonly limited: boolean }>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: DirectoryOptions) {
    this.#options = options;
  }

  /** Remembers what a list told, so that nobody asks for it one by one. */
  learnChannel(channel: Fields): void {
    const id = stringField(channel, "id");
    if (id !== undefined) this.#channels.set(id, { facts: toChannelFacts(channel) }, this.#options.clock.now() + knownForMs);
  }

  /** Looks up what is not known yet, for at most `patienceMs`. Rejects only with the reason of `signal`. */
  async resolve(requests: NameRequests, signal: AbortSignal, patienceMs: number): Promise<Resolution> {
    const { clock } = this.#options;
    const nowMs = clock.now();
    // Channels first: what is wanted may hang on a name.
    const missing = [
      ...[...requests.channels]
        .filter((id) => this.#channels.get(id, nowMs) === undefined)
        .map((id) => () => this.#askChannel(id)),
      ...[...requests.users].filter((id) => this.#users.get(id, nowMs) === undefined).map((id) => () => this.#askUser(id)),
    ];
    let answered = 0;
    if (missing.length > 0) {
      const done = new AbortController();
      const ask = async () => {
        for (const look of missing) if (!done.signal.aborted && (await look())) answered += 1;
      };
      const patience = sleep(clock, patienceMs, AbortSignal.any([signal, done.signal])).catch(() => undefined);
      await Promise.race([ask(), patience]);
      done.abort();
      signal.throwIfAborted();
    }
    return { names: this.#names(), retryAtMs: this.#retryAtMs(requests), answered };
  }

  #names(): Names {
    const { clock } = this.#options;
    return {
      user: (id) => this.#users.get(id, clock.now())?.name,
      channel: (id) => this.#channels.get(id, clock.now())?.facts,
    };
  }

  #retryAtMs(requests: NameRequests): number | undefined {
    const nowMs = this.#options.clock.now();
    const waits = [
      [...requests.channels].some((id) => this.#channels.get(id, nowMs) === undefined) ? "conversations.info" : undefined,
      [...requests.users].some((id) => this.#users.get(id, nowMs) === undefined) ? "users.info" : undefined,
    ].map((method) => (method === undefined ? undefined : this.#restsUntilMs.get(method)));
    const limits = waits.filter((rest) => rest?.limited === true && rest.untilMs > nowMs).map((rest) => rest!.untilMs);
    return limits.length === 0 ? undefined : Math.max(...limits);
  }

  #askUser(id: string): Promise<boolean> {
    const keep = (name: string | undefined, forMs: number) => this.#users.set(id, { name }, this.#options.clock.now() + forMs);
    return this.#once(
      "users.info",
      id,
      async () => {
        const { body } = await this.#options.client.call("users.info", { user: id }, neverAborts);
        keep(toUserName(toFields(body["user"])), knownForMs);
      },
      () => keep(undefined, unknownForMs),
    );
  }

  #askChannel(id: string): Promise<boolean> {
    const keep = (facts: ChannelFacts | undefined, forMs: number) =>
      this.#channels.set(id, { facts }, this.#options.clock.now() + forMs);
    return this.#once(
      "conversations.info",
      id,
      async () => {
        const { body } = await this.#options.client.call("conversations.info", { channel: id }, neverAborts);
        keep(toChannelFacts(toFields(body["channel"]) ?? {}), knownForMs);
      },
      () => keep(undefined, unknownForMs),
    );
  }

  /** One look-up of an id at a time, and one request at a time. True when Slack gave an answer. */
  #once(method: string, id: string, ask: () => Promise<void>, keepAbsent: () => void): Promise<boolean> {
    const running = this.#running.get(id);
    if (running !== undefined) return running;
    const look = this.#last.then(async () => {
      if ((this.#restsUntilMs.get(method)?.untilMs ?? 0) > this.#options.clock.now()) return false;
      try {
        await ask();
        return true;
      } catch (error) {
        const code = isConnectorsError(error) ? error.code : "";
        // Each type of conversation has a scope of its own: im:read missing says nothing about channels.
        if (absentCodes.has(code) || (code === "SLACK_MISSING_SCOPE" && method === "conversations.info")) keepAbsent();
        else this.#rest(method, error);
        return false;
      }
    });
    this.#last = look;
    this.#running.set(id, look);
    void look.finally(() => this.#running.delete(id));
    return look;
  }

  #rest(method: string, error: unknown): void {
    const { clock, logger } = this.#options;
    const known = isConnectorsError(error) ? error : undefined;
    const limited = known?.retryAtMs !== undefined;
    const restMs = known?.retryable === false ? restAfterRefusalMs : restAfterOutageMs;
    const untilMs = known?.retryAtMs ?? clock.now() + restMs;
    this.#restsUntilMs.set(method, { untilMs, limited });
    logger.warn("names cannot be looked up at Slack for now; ids are written instead", {
      method,
      until: new Date(untilMs).toISOString(),
      reason: describeError(error),
    });
  }
}

/** @see https://docs.slack.dev/reference/objects/user-object */
function toUserName(user: Fields | undefined): string | undefined {
  const profile = toFields(user?.["profile"]);
  const name =
    stringField(profile, "display_name") ??
    stringField(profile, "real_name") ??
    stringField(user, "real_name") ??
    stringField(user, "name");
  return oneLine(name);
}

/** @see https://docs.slack.dev/reference/objects/conversation-object */
export function toChannelFacts(channel: Fields): ChannelFacts {
  const conversation = channel["is_im"] === true ? "im" : channel["is_mpim"] === true ? "mpim" : "channel";
  return {
    conversation,
    // A group DM's name is a list of logins such as mpdm-ann--ben-1: no name that people use.
    name: conversation === "channel" ? oneLine(stringField(channel, "name")) : undefined,
    counterpart: conversation === "im" ? stringField(channel, "user") : undefined,
  };
}
