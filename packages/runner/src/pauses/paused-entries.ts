import type { Clock, Logger } from "@statewave-connectors/connector-sdk";
import type { StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { within } from "../deadline/within.ts";
import { type EntryName, formatEntryName } from "../entry-name.ts";
import { steadyNow } from "../steady-now.ts";
import { describePause, type Pause } from "./pause.ts";
import { PauseRecords } from "./pause-records.ts";

export interface PausedEntriesOptions {
  /** Undefined: the store keeps none, and nothing is ever paused. */
  readonly records: StoreRecords | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called for each entry that pauses or resumes. */
  readonly onChange: (entry: EntryName, isPaused: boolean) => void;
}

/** Any process or tool may pause an entry; so often this one looks. */
const lookEveryMs = 2_000;
const answerWithinMs = 10_000;
/** A store that needs long for an answer is given this many times as long until the next request. */
const shareOfTime = 20;

/** The entries that operators paused, as of the last look at the store. While it does not answer, they stay as they were. */
export class PausedEntries {
  readonly #options: PausedEntriesOptions;
  readonly #records: PauseRecords | undefined;
  #pauses: ReadonlyMap<string, Pause> = new Map();
  #isStopped = false;
  #cancelLook: () => void = () => undefined;

  constructor(options: PausedEntriesOptions) {
    this.#options = options;
    this.#records = options.records && new PauseRecords(options.records);
  }

  /** In the order of the names. */
  get all(): readonly Pause[] {
    return [...this.#pauses.values()];
  }

  of(entry: EntryName): Pause | undefined {
    return this.#pauses.size === 0 ? undefined : this.#pauses.get(formatEntryName(entry));
  }

  /** Reads what is paused. Rejects with what the store throws, and when it does not answer. */
  async learn(): Promise<void> {
    const records = this.#records;
    if (records === undefined) return;
    const { clock } = this.#options;
    const listed = await within({ clock, timeoutMs: answerWithinMs }, () => records.list());
    const before = this.#pauses;
    this.#pauses = new Map(listed.map((pause) => [formatEntryName(pause), pause]));
    for (const [key, pause] of this.#pauses) if (!before.has(key)) this.#paused(pause);
    for (const [key, pause] of before) if (!this.#pauses.has(key)) this.#resumed(pause);
  }

  /** Looks again and again from now on, until `stop`. */
  begin(): void {
    if (this.#records !== undefined) this.#lookLater(lookEveryMs);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelLook();
  }

  #lookLater(delayMs: number): void {
    const { clock, logger } = this.#options;
    this.#cancelLook = clock.after(delayMs, () => {
      const startedAtMs = steadyNow(clock);
      void this.learn()
        .catch((error: unknown) => logger.debug("which entries are paused could not be read", { error }))
        .finally(() => {
          if (!this.#isStopped) this.#lookLater(Math.max(lookEveryMs, shareOfTime * (steadyNow(clock) - startedAtMs)));
        });
    });
  }

  #paused(pause: Pause): void {
    const { logger, onChange } = this.#options;
    logger.info("an entry is paused", { entry: formatEntryName(pause), paused: describePause(pause) });
    onChange(pause, true);
  }

  #resumed(pause: Pause): void {
    const { logger, onChange } = this.#options;
    logger.info("an entry is no longer paused", { entry: formatEntryName(pause) });
    onChange(pause, false);
  }
}
