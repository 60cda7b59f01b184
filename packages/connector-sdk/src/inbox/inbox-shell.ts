import type { Clock } from "../contract/clock.ts";
import type { Episode } from "../contract/episode.ts";
import { ConnectorsError } from "../contract/errors.ts";
import type { SourceKey } from "../contract/source.ts";
import type {
  ConsumeOptions,
  DeadLetter,
  ItemQuery,
  Inbox,
  InboxConsumer,
  InboxHandler,
  InboxItem,
  InboxStats,
  InboxView,
  BuriedFailedItem,
} from "./inbox.ts";
import { type KeyPage, toKeyPage } from "./key-page.ts";

/** A consumer as the shell needs it: `ConsumerLoop`, or one around it. */
export interface ShellConsumer extends InboxConsumer {
  readonly ended: boolean;
  wake(): void;
  /** Ends at once and sends the engine nothing: it is closing. */
  abandon(reason: unknown): Promise<void>;
}

/** Where an inbox keeps its items. It is called only while the inbox is open. */
export interface InboxEngine extends Pick<
  Inbox,
  "durability" | "certificateExpiresAtMs" | "accept" | "getDeadLetter" | "discardQueued" | "probeWrite" | "backup" | "view"
> {
  /** Called when no other consumer of this process runs. */
  startConsumer(handler: InboxHandler, options: ConsumeOptions): ShellConsumer;
  /** Keeps an episode or a failed item as a letter, unless there is one of it. */
  bury(item: InboxItem, reason: string): Promise<void>;
  listLetters(page: KeyPage): Promise<readonly DeadLetter[]>;
  /** No key comes twice. Answers how many were put back. */
  retryLetters(keys: readonly string[]): Promise<number>;
  /** No key comes twice. Answers how many there were. */
  discardLetters(keys: readonly string[]): Promise<number>;
  stats(): Promise<Omit<InboxStats, "oldestAcceptedAtMs"> & { readonly oldestAcceptedAtMs?: number | undefined }>;
  /** Called once. `abandoned` resolves when the consumer calls the engine no more. */
  close(abandoned: Promise<void>): Promise<void>;
}

/** What every inbox does around its engine: it refuses calls after its end and a second consumer, and wakes the one that runs. */
export class InboxShell implements Inbox {
  readonly durability: string;
  readonly discardQueued?: (keys: readonly string[]) => Promise<number>;
  readonly probeWrite?: () => Promise<void>;
  readonly backup?: (folder: string) => Promise<readonly string[]>;
  readonly view?: InboxView;
  readonly #engine: InboxEngine;
  readonly #clock: Clock;
  #consumer: ShellConsumer | undefined;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  constructor(engine: InboxEngine, clock: Clock) {
    this.durability = engine.durability;
    this.#engine = engine;
    this.#clock = clock;
    if (engine.discardQueued !== undefined)
      this.discardQueued = async (keys) => (await this.#open().discardQueued?.([...new Set(keys)])) ?? 0;
    if (engine.probeWrite !== undefined) this.probeWrite = async () => this.#open().probeWrite?.();
    const { view } = engine;
    if (view !== undefined) this.view = this.#whileOpen(view);
    if (engine.backup !== undefined) this.backup = async (folder) => (await this.#open().backup?.(folder)) ?? [];
  }

  get certificateExpiresAtMs(): number | undefined {
    return this.#engine.certificateExpiresAtMs;
  }

  async accept(item: InboxItem): Promise<"fresh" | "duplicate"> {
    const outcome = await this.#open().accept(item);
    if (outcome === "fresh") this.#consumer?.wake();
    return outcome;
  }

  consume(handler: InboxHandler, options: ConsumeOptions = {}): InboxConsumer {
    const engine = this.#open();
    if (this.#consumer?.ended === false) {
      throw new ConnectorsError({
        code: "INBOX_CONSUMER_RUNNING",
        message: "this inbox already has a consumer in this process",
        hint: "stop the first one before starting another",
      });
    }
    this.#consumer = engine.startConsumer(handler, options);
    return this.#consumer;
  }

  async buryEpisode(source: SourceKey, episode: Episode, reason: string): Promise<void> {
    await this.#open().bury({ type: "episode", source, episode, receivedAtMs: this.#clock.now() }, reason);
  }

  async buryFailedItem(item: BuriedFailedItem, reason: string): Promise<void> {
    await this.#open().bury(item, reason);
  }

  async listDeadLetters(query: ItemQuery = {}): Promise<readonly DeadLetter[]> {
    return this.#open().listLetters(toKeyPage(query));
  }

  async getDeadLetter(key: string): Promise<DeadLetter | undefined> {
    return this.#open().getDeadLetter(key);
  }

  async retryDeadLetters(keys: readonly string[]): Promise<number> {
    const retried = await this.#open().retryLetters([...new Set(keys)]);
    if (retried > 0) this.#consumer?.wake();
    return retried;
  }

  async discardDeadLetters(keys: readonly string[]): Promise<number> {
    return this.#open().discardLetters([...new Set(keys)]);
  }

  async stats(): Promise<InboxStats> {
    const { depth, bytes, oldestAcceptedAtMs, deadLetters } = await this.#open().stats();
    return { depth, bytes, ...(oldestAcceptedAtMs === undefined ? {} : { oldestAcceptedAtMs }), deadLetters };
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#closing ??= this.#engine.close(this.#consumer?.abandon(closedError()) ?? Promise.resolve());
    return this.#closing;
  }

  #whileOpen(view: InboxView): InboxView {
    const open = () => {
      this.#open();
      return view;
    };
    return {
      list: async (query) => open().list(query),
      get: async (key) => open().get(key),
      remembers: async (source, id) => open().remembers(source, id),
      ...(view.countBySource !== undefined && { countBySource: async () => (await open().countBySource?.()) ?? [] }),
    };
  }

  #open(): InboxEngine {
    if (this.#isClosed) throw closedError();
    return this.#engine;
  }
}

function closedError(): ConnectorsError {
  return new ConnectorsError({ code: "INBOX_CLOSED", message: "the inbox is closed", hint: "open the inbox again" });
}
