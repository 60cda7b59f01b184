import {
  type Clock,
  type ConnectorsError,
  describeError,
  isConnectorsError,
  type Logger,
  sleep,
} from "@statewave-connectors/connector-sdk";
import type { SlackClient } from "../client.ts";
import type { ChannelFacts } from "../conversation.ts";
import { type Fields, stringField, toFields } from "../fields.ts";
import { ExpiringCache } from "./expiring-cache.ts";
import type { NameRequests, Names } from "./names.ts";
import { toChannelFacts, toUserName } from "./to-names.ts";

export interface DirectoryOptions {
  readonly client: SlackClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often a look-up is tried at once while it fails for a reason that may pass. */
  readonly attempts: number;
}

export interface Resolution {
  readonly names: Names;
  /** Why something is still unknown. Undefined: Slack has answered for everything. */
  readonly error: ConnectorsError | undefined;
}

type Method = "users.info" | "conversations.info";

/** Names change rarely; after this long a new one shows. */
const knownForMs = 60 * 60_000;
/** A person or channel that Slack does not know, or will not show. */
const unknownForMs = 10 * 60_000;
const maxUsers = 5_000;
const maxChannels = 2_000;
/** After an outage, and after a refusal that only a person can mend, no look-ups are made for so long. */
const restAfterOutageMs = 60_000;
const restAfterRefusalMs = 10 * 60_000;
/** Ids that fail one after the other before the method rests, where look-ups are tried more than once. */
const failuresUntilRest = 2;
/** An id that failed so many times, while others were answered, is at fault itself. */
const failuresUntilUnknown = 3;
/** The same, while no other was requested. */
const failuresUntilUnknownAlone = 10;
/** A look-up continues for others when the caller that began it gives up. */
const neverAborts = new AbortController().signal;

/** What Slack says of one id, as opposed to not answering the question. */
const absentCodes = new Set(["SLACK_CHANNEL_NOT_FOUND", "SLACK_NOT_IN_CHANNEL", "SLACK_REFUSED"]);

/** Who and what an id stands for, requested from Slack and remembered in bounded memory. A look-up that fails is an absent name. */
export class Directory {
  readonly #options: DirectoryOptions;
  readonly #users = new ExpiringCache<{ readonly name: string | undefined }>(maxUsers);
  readonly #channels = new ExpiringCache<{ readonly facts: ChannelFacts | undefined }>(maxChannels);
  readonly #running = new Map<string, Promise<void>>();
  readonly #states: Readonly<Record<Method, LookUps>> = { "users.info": new LookUps(), "conversations.info": new LookUps() };
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: DirectoryOptions) {
    this.#options = options;
  }

  /** Remembers a channel of a list, so that it is not requested one by one. */
  learnChannel(channel: Fields): void {
    const id = stringField(channel, "id");
    if (id !== undefined) this.#channels.set(id, { facts: toChannelFacts(channel) }, this.#options.clock.now() + knownForMs);
  }

  /** A new run: what failed in passing before may be over. */
  tryAgain(): void {
    for (const state of Object.values(this.#states)) state.tryAgain();
  }

  /** Looks up what is not known yet, for at most `patienceMs`. Rejects only with the reason of `signal`. */
  async resolve(requests: NameRequests, signal: AbortSignal, patienceMs = Infinity): Promise<Resolution> {
    // Channels first: whether an event is wanted may depend on a name.
    const missing = [
      ...this.#unknown("conversations.info", requests).map((id) => ["conversations.info", id] as const),
      ...this.#unknown("users.info", requests).map((id) => ["users.info", id] as const),
    ];
    if (missing.length > 0) {
      const done = new AbortController();
      const look = async () => {
        for (const [method, id] of missing) if (!done.signal.aborted) await this.#look(method, id);
      };
      const { promise: ended, resolve: end } = Promise.withResolvers<void>();
      const onAbort = () => end();
      signal.addEventListener("abort", onAbort, { once: true });
      if (patienceMs < Infinity) void sleep(this.#options.clock, patienceMs, done.signal).then(end, end);
      await Promise.race([look(), ended]);
      signal.removeEventListener("abort", onAbort);
      done.abort();
      signal.throwIfAborted();
    }
    return { names: this.#names(), error: this.#errorOf(requests) };
  }

  #unknown(method: Method, { users, channels }: NameRequests): readonly string[] {
    const nowMs = this.#options.clock.now();
    const cache = method === "users.info" ? this.#users : this.#channels;
    return [...(method === "users.info" ? users : channels)].filter((id) => cache.get(id, nowMs) === undefined);
  }

  #errorOf(requests: NameRequests): ConnectorsError | undefined {
    const errors = (["conversations.info", "users.info"] as const).flatMap((method) =>
      this.#unknown(method, requests).length === 0 ? [] : (this.#states[method].error ?? []),
    );
    return errors.toSorted((a, b) => (b.retryAtMs ?? 0) - (a.retryAtMs ?? 0))[0];
  }

  #names(): Names {
    const { clock } = this.#options;
    return {
      user: (id) => this.#users.get(id, clock.now())?.name,
      channel: (id) => this.#channels.get(id, clock.now())?.facts,
    };
  }

  /** One look-up of an id at a time, and one request at a time. */
  #look(method: Method, id: string): Promise<void> {
    const running = this.#running.get(id);
    if (running !== undefined) return running;
    const look = this.#last.then(() => this.#attempt(method, id));
    const end = () => void this.#running.delete(id);
    this.#last = look.then(end, end);
    this.#running.set(id, look);
    return look;
  }

  async #attempt(method: Method, id: string): Promise<void> {
    const { attempts, clock } = this.#options;
    const state = this.#states[method];
    for (let attempt = 1; state.restsUntilMs <= clock.now(); attempt += 1) {
      try {
        await this.#ask(method, id);
        return state.answered(id);
      } catch (error) {
        if (!isConnectorsError(error)) throw error;
        // Each type of conversation has a scope of its own: im:read missing says nothing about channels.
        const isAbsent = absentCodes.has(error.code) || (error.code === "SLACK_MISSING_SCOPE" && method === "conversations.info");
        if (isAbsent) return this.#keepAbsent(method, id);
        const mayPass = error.retryable && error.retryAtMs === undefined;
        if (mayPass && attempt < attempts) continue;
        if (mayPass && state.failed(id, error)) return this.#keepAbsent(method, id);
        return this.#rest(method, error);
      }
    }
  }

  async #ask(method: Method, id: string): Promise<void> {
    const { client, clock } = this.#options;
    if (method === "users.info") {
      const { body } = await client.call(method, { user: id }, neverAborts);
      this.#users.set(id, { name: toUserName(toFields(body["user"])) }, clock.now() + knownForMs);
    } else {
      const { body } = await client.call(method, { channel: id }, neverAborts);
      this.#channels.set(id, { facts: toChannelFacts(toFields(body["channel"]) ?? {}) }, clock.now() + knownForMs);
    }
  }

  #keepAbsent(method: Method, id: string): void {
    const untilMs = this.#options.clock.now() + unknownForMs;
    if (method === "users.info") this.#users.set(id, { name: undefined }, untilMs);
    else this.#channels.set(id, { facts: undefined }, untilMs);
  }

  #rest(method: Method, error: ConnectorsError): void {
    const { clock, logger, attempts } = this.#options;
    const state = this.#states[method];
    state.error = error;
    if (error.retryable && error.retryAtMs === undefined && attempts > 1 && state.failuresInARow < failuresUntilRest) return;
    state.restsUntilMs = error.retryAtMs ?? clock.now() + (error.retryable ? restAfterOutageMs : restAfterRefusalMs);
    logger.warn("names cannot be looked up at Slack for now", {
      method,
      until: new Date(state.restsUntilMs).toISOString(),
      reason: describeError(error),
    });
  }
}

/** How the look-ups of one method go. */
class LookUps {
  /** No request before, epoch milliseconds. */
  restsUntilMs = 0;
  /** Why the last one that failed did so. */
  error: ConnectorsError | undefined;
  failuresInARow = 0;
  #answers = 0;
  readonly #failures = new Map<string, { readonly count: number; readonly answersBefore: number }>();

  answered(id: string): void {
    this.failuresInARow = 0;
    this.#answers += 1;
    this.#failures.delete(id);
  }

  /** Whether the id is at fault, and not Slack. */
  failed(id: string, error: ConnectorsError): boolean {
    this.error = error;
    this.failuresInARow += 1;
    const { count, answersBefore } = this.#failures.get(id) ?? { count: 0, answersBefore: this.#answers };
    const isEnough = this.#answers > answersBefore ? failuresUntilUnknown : failuresUntilUnknownAlone;
    const isAtFault = count + 1 >= isEnough;
    this.#failures.delete(id);
    if (!isAtFault && this.#failures.size < maxUsers) this.#failures.set(id, { count: count + 1, answersBefore });
    return isAtFault;
  }

  tryAgain(): void {
    this.failuresInARow = 0;
    if (this.error?.retryAtMs === undefined && this.error?.retryable === true) this.restsUntilMs = 0;
  }
}
