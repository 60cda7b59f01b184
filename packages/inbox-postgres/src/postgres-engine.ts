import type { Clock, Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import {
  ConsumerLoop,
  type ConsumeOptions,
  type DeadLetter,
  type InboxEngine,
  type InboxHandler,
  type InboxItem,
  type InboxView,
  type KeyPage,
  type ShellConsumer,
} from "@statewave-connectors/connector-sdk/inbox";
import type { Postgres } from "@statewave-connectors/postgres-client";
import type { PgBoss } from "pg-boss";
import type { Acceptor } from "./acceptor.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { Depth } from "./depth.ts";
import { discardQueued } from "./discard-queued.ts";
import { encodeItem } from "./encode-item.ts";
import { setBackClaimTimes } from "./future-times.ts";
import { JobClaims } from "./job-claims.ts";
import { toLetterKey } from "./job-name.ts";
import { keepClaimsAlive, Repeater } from "./keep-alive.ts";
import { putOffStatistics } from "./put-off-statistics.ts";
import { viewOfQueues } from "./queue-view.ts";
import type { QueueWatch } from "./queue-watch.ts";
import type { Settler } from "./settler.ts";
import type { SourceStates } from "./source-states.ts";
import type { WorkAnnouncer } from "./work-announcer.ts";

export interface PostgresEngineParts {
  readonly durability: string;
  readonly boss: PgBoss;
  /** For accepts, claims and settlements: quick or given up. */
  readonly postgres: Postgres;
  /** pg-boss's schema, quoted. */
  readonly schema: string;
  readonly acceptor: Acceptor;
  readonly settler: Settler;
  readonly letters: DeadLetters;
  readonly depth: Depth;
  readonly states: SourceStates;
  readonly watch: QueueWatch;
  readonly announcer: WorkAnnouncer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends pg-boss and the connections. */
  readonly shutDown: () => Promise<void>;
}

/** A sign of life for claims goes out so often; after `heartbeatSeconds` without one they are handed to others. */
const aliveEveryMs = 2_500;
/** Work that another process accepted without an announcement, and retries of other processes, are found after so long. */
const lookEveryMs = 1_000;
const countEveryMs = 5_000;
/** Well within the hour that it is put off by. */
const putOffEveryMs = 20 * 60_000;
/** A clock that is ahead by more is not expected. */
const setBackEveryMs = 10 * 60_000;
/** With fewer claims of a source than this, what it gets is not announced to other processes: this one takes it. */
const roomForOwn = 25;

/** pg-boss in Postgres, shared by any number of processes. */
export class PostgresEngine implements InboxEngine {
  readonly durability: string;
  readonly view: InboxView;
  readonly #parts: PostgresEngineParts;
  readonly #claims: JobClaims;
  readonly #repeaters: readonly Repeater[];
  #consumer: ConsumerLoop | undefined;
  /** Neither absent nor paused. */
  #isConsuming = false;

  constructor(parts: PostgresEngineParts) {
    this.#parts = parts;
    this.durability = parts.durability;
    this.view = viewOfQueues(parts.postgres, parts.schema, () => parts.settler.flushed());
    this.#claims = new JobClaims(parts);
    const { boss, postgres, schema, logger, clock, watch } = parts;
    const keepAlive = { boss, postgres, logger, held: this.#claims.held, onLost: () => this.#loseClaims() };
    this.#repeaters = [
      new Repeater(clock, aliveEveryMs, () => keepClaimsAlive(keepAlive)),
      new Repeater(clock, countEveryMs, () => watch.recount()),
      new Repeater(clock, putOffEveryMs, () => putOffStatistics({ postgres, schema, logger })),
      new Repeater(clock, setBackEveryMs, () => setBackClaimTimes({ postgres, schema, logger })),
      new Repeater(clock, lookEveryMs, async () => {
        if (this.#consumer?.ended === false && (await watch.look())) this.#consumer.wake();
      }),
    ];
  }

  get certificateExpiresAtMs(): number | undefined {
    return this.#parts.postgres.certificateExpiresAtMs;
  }

  /** Another process announced work in this queue; undefined: an announcement may have been missed. */
  heard(queueName: string | undefined): void {
    const { states } = this.#parts;
    const changed = queueName === undefined ? states.all() : [states.ofQueue(queueName)];
    for (const state of changed) if (state !== undefined) state.freshMayWait = true;
    this.#consumer?.wake();
  }

  async accept(item: InboxItem): Promise<"fresh" | "duplicate"> {
    const outcome = await this.#parts.acceptor.accept(item);
    if (outcome === "fresh") this.#hasFresh(item.source);
    return outcome;
  }

  startConsumer(handler: InboxHandler, options: ConsumeOptions): ShellConsumer {
    const { clock, logger } = this.#parts;
    const loop = new ConsumerLoop({ queue: this.#claims, handler, limits: options, clock, logger });
    this.#consumer = loop;
    this.#isConsuming = true;
    return {
      get ended() {
        return loop.ended;
      },
      wake: () => loop.wake(),
      abandon: (reason) => loop.abandon(reason),
      pause: () => {
        this.#isConsuming = false;
        loop.pause();
      },
      resume: () => {
        this.#isConsuming = true;
        loop.resume();
      },
      release: async () => {
        const count = await loop.giveBack();
        return count + (await this.#releaseKeptBack());
      },
      stop: async (signal) => {
        this.#isConsuming = false;
        await loop.stop(signal);
        await this.#releaseKeptBack();
      },
    };
  }

  async bury(item: InboxItem, reason: string): Promise<void> {
    const { stored, bodyBytes } = encodeItem(item);
    await this.#parts.letters.bury({ source: item.source, stored, bodyBytes, letterKey: toLetterKey(item), reason });
  }

  listLetters(page: KeyPage): Promise<readonly DeadLetter[]> {
    return this.#parts.letters.list(page);
  }

  getDeadLetter(key: string): Promise<DeadLetter | undefined> {
    return this.#parts.letters.get(key);
  }

  retryLetters(keys: readonly string[]): Promise<number> {
    const { letters, depth } = this.#parts;
    return letters.retry(keys, (source, bodyBytes) => {
      depth.add(bodyBytes);
      this.#hasFresh(source);
    });
  }

  discardLetters(keys: readonly string[]): Promise<number> {
    return this.#parts.letters.discard(keys);
  }

  discardQueued(keys: readonly string[]): Promise<number> {
    return discardQueued(keys, this.#parts);
  }

  async stats() {
    const { watch, letters, settler } = this.#parts;
    // Figures that are requested after a settlement include it.
    await settler.flushed();
    const [content, deadLetters] = await Promise.all([watch.content(), letters.count()]);
    return { ...content, deadLetters };
  }

  probeWrite(): Promise<void> {
    return this.#parts.letters.probeWrite();
  }

  async close(abandoned: Promise<void>): Promise<void> {
    const { acceptor, settler, shutDown, logger } = this.#parts;
    for (const repeater of this.#repeaters) await repeater.stop();
    await acceptor.idle();
    await settler.idle();
    // A claim that is under way makes room for itself when the others are given back: it has to come first.
    await abandoned;
    await this.#claims.releaseAll().catch((error: unknown) => logger.debug("claimed items were not given back", { error }));
    await shutDown();
  }

  /** Items that were fetched along and not handed out. They come back by themselves when this fails, with no sign of life for them. */
  async #releaseKeptBack(): Promise<number> {
    try {
      return await this.#claims.releaseKeptBack();
    } catch (error) {
      this.#parts.logger.debug("fetched items were not given back", { error });
      return 0;
    }
  }

  /** There is a fresh item: for this process's consumer if it has room, else for the others'. */
  #hasFresh(source: SourceKey): void {
    const { states, announcer } = this.#parts;
    const state = states.of(source);
    state.freshMayWait = true;
    if (!this.#isConsuming || state.claimed >= roomForOwn) announcer.announce(state.queueName);
    this.#consumer?.wake();
  }

  /** All of them: what still belongs to this process is given back. */
  async #loseClaims(): Promise<void> {
    this.#consumer?.loseClaims(new DOMException("the claim was lost", "AbortError"));
    await this.#claims.releaseAll();
    this.#consumer?.wake();
  }
}
