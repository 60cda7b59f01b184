import { type Clock, isConnectorsError, type Logger, sleep } from "@statewave-connectors/connector-sdk";
import { steadyNow } from "../steady-now.ts";
import { type CompileRecords, pageKey, takenKey } from "./compile-records.ts";
import { recordedAgainPart } from "./plan-round.ts";
import { formatPage, type Touch, touchesPerPage } from "./touch.ts";

export interface TouchedSubjectsOptions {
  readonly records: CompileRecords;
  /** This process, unique. */
  readonly owner: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly quietMs: number;
}

/**
 * For so long this process relies on its last look at what is taken. The process that takes subjects compiles them only after `graceMs`, which is
 * longer: what was delivered while this process relied on the look is then compiled with them.
 */
const reliesMs = 1_000;
export const graceMs = 2_000;
/** Writes of this process are at least so far apart: what many sources touch at the same time is one write. */
const writeEveryMs = 10;
/** Beyond it everything is forgotten, which costs one more write for each. */
const mostKnown = 20_000;

/** The page that this process writes. Any other process may take subjects out of it: then a new one begins. */
interface OpenPage {
  readonly key: string;
  readonly version: number;
  readonly touches: ReadonlyMap<string, Touch>;
}

/**
 * Records which subjects have something to compile, durably. What this process knows to be recorded is not written again, and most
 * calls neither write nor read.
 */
export class TouchedSubjects {
  readonly #options: TouchedSubjectsOptions;
  /** When this process recorded them, on its clock. */
  readonly #known = new Map<string, number>();
  #page: OpenPage | undefined;
  #sequence = 0;
  /** The version of the record of taken subjects at the last look, and when the look began. */
  #takenVersion: number | undefined;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #waiting = new Map<string, Touch>();
  #flushing: Promise<void> = Promise.resolve();
  #queued: Promise<void> | undefined;
  #wroteAtMs = Number.NEGATIVE_INFINITY;
  #reportedFull = false;

  constructor(options: TouchedSubjectsOptions) {
    this.#options = options;
  }

  /** Resolves when it is recorded that these subjects changed until now. Rejects with what the store throws. */
  async mark(subjects: Iterable<string>): Promise<void> {
    const nowMs = this.#options.clock.now();
    let isQueued = false;
    for (const subject of subjects) {
      if (this.#reliesOnLook && this.#isKnown(subject, nowMs)) continue;
      isQueued = true;
      if (!this.#waiting.has(subject)) this.#waiting.set(subject, { subject, firstMs: nowMs, lastMs: nowMs, failures: 0 });
    }
    if (isQueued) await this.#flushSoon();
  }

  /** Records subjects that could not be compiled, to be tried again later. */
  async putBack(touches: Iterable<Touch>): Promise<void> {
    for (const touch of touches) {
      this.#known.delete(touch.subject);
      this.#waiting.set(touch.subject, touch);
    }
    await this.#flushSoon();
  }

  get #reliesOnLook(): boolean {
    return steadyNow(this.#options.clock) - this.#lookedAtMs <= reliesMs;
  }

  #isKnown(subject: string, nowMs: number): boolean {
    const { quietMs } = this.#options;
    const recordedMs = this.#known.get(subject);
    // A clock that was set back makes nothing known.
    return recordedMs !== undefined && recordedMs <= nowMs && nowMs - recordedMs < quietMs / recordedAgainPart;
  }

  /** Everything that waits when a write can begin goes into that write. */
  #flushSoon(): Promise<void> {
    this.#queued ??= this.#flushing
      .catch(() => undefined)
      .then(async () => {
        await this.#pause();
        const batch = this.#waiting;
        this.#waiting = new Map();
        this.#queued = undefined;
        this.#flushing = this.#flush(batch);
        return this.#flushing;
      });
    return this.#queued;
  }

  async #pause(): Promise<void> {
    const { clock } = this.#options;
    const restMs = this.#wroteAtMs + writeEveryMs - steadyNow(clock);
    if (restMs > 0) await sleep(clock, restMs);
  }

  async #flush(batch: ReadonlyMap<string, Touch>): Promise<void> {
    if (!this.#reliesOnLook) await this.#look();
    const nowMs = this.#options.clock.now();
    const missing = [...batch.values()].filter(({ subject, failures }) => failures > 0 || !this.#isKnown(subject, nowMs));
    for (let at = 0; at < missing.length;) at += await this.#write(missing.slice(at, at + touchesPerPage));
  }

  /** Whether subjects were taken since the last look: then what this process knew may be recorded no longer. */
  async #look(): Promise<void> {
    const { records, clock } = this.#options;
    const lookedAtMs = steadyNow(clock);
    const version = (await records.get(takenKey))?.version ?? 0;
    this.#lookedAtMs = lookedAtMs;
    if (version === this.#takenVersion) return;
    this.#takenVersion = version;
    this.#known.clear();
  }

  /** Writes as many as fit into the open page, or else begins a new one. Answers how many. */
  async #write(touches: readonly Touch[]): Promise<number> {
    const { clock } = this.#options;
    this.#wroteAtMs = steadyNow(clock);
    const page = this.#page;
    const room = page === undefined ? 0 : touchesPerPage - page.touches.size;
    try {
      if (page !== undefined && room > 0) {
        const written = await this.#writePage(page, touches.slice(0, room));
        if (written) return Math.min(room, touches.length);
      }
      await this.#writePage(this.#newPage(), touches);
    } catch (error) {
      // Whether it was stored is unknown.
      this.#page = undefined;
      if (!isConnectorsError(error, "STORE_RECORD_SCOPE_FULL")) throw error;
      this.#reportFull(error);
    }
    return touches.length;
  }

  async #writePage({ key, version, touches }: OpenPage, added: readonly Touch[]): Promise<boolean> {
    const merged = new Map(touches);
    for (const touch of added) merged.set(touch.subject, touchedAgain(merged.get(touch.subject), touch));
    const written = await this.#options.records.write(key, formatPage(merged.values()), version);
    this.#page = written === undefined ? undefined : { key, version: written, touches: merged };
    if (written === undefined) return false;
    if (this.#known.size + added.length > mostKnown) this.#known.clear();
    for (const { subject, lastMs, failures } of added) if (failures === 0) this.#known.set(subject, lastMs);
    return true;
  }

  #newPage(): OpenPage {
    const { clock, owner } = this.#options;
    this.#sequence += 1;
    return { key: pageKey(clock.now(), owner, this.#sequence), version: 0, touches: new Map() };
  }

  /** Delivery is worth more than compiling, and continues. What is not recorded is compiled with the next change of its subject. */
  #reportFull(error: unknown): void {
    if (this.#reportedFull) return;
    this.#reportedFull = true;
    this.#options.logger.error("no more subjects fit into the state: some are compiled only after their next change", { error });
  }
}

/** Its times differ from those before: the process that takes the subject out of the page leaves it if it is not what was read. */
function touchedAgain(before: Touch | undefined, touch: Touch): Touch {
  if (before === undefined) return touch;
  return { ...touch, firstMs: before.firstMs, lastMs: touch.lastMs === before.lastMs ? touch.lastMs + 1 : touch.lastMs };
}
