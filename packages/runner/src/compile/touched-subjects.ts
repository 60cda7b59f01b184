import { type Clock, type Logger, sleep } from "@statewave-connectors/connector-sdk";
import { steadyNow } from "../steady-now.ts";
import { type CompileRecords, takenKey } from "./compile-records.ts";
import { recordedAgainPart } from "./plan-round.ts";
import type { Touch } from "./touch.ts";
import { TouchPages } from "./touch-pages.ts";

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
const writeEveryMs = 2;
/** What is recorded again waits so long for more of it, or for a write of what is not recorded. */
const gatherMs = 100;
/** Beyond it everything is forgotten, which costs one more write for each. */
const mostKnown = 20_000;
const none: ReadonlySet<string> = new Set();

/**
 * Records which subjects have something to compile, durably. What this process knows to be recorded is not written again, and most
 * calls neither write nor read. A subject that keeps changing is recorded again only to show that it does not rest: no caller waits for that.
 */
export class TouchedSubjects {
  readonly #options: TouchedSubjectsOptions;
  readonly #pages: TouchPages;
  /** When this process recorded them, on its clock. */
  readonly #known = new Map<string, number>();
  /** The version of the record of taken subjects at the last look, and when the look began. */
  #takenVersion: number | undefined;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  /** To be recorded before their callers continue. */
  #waiting = new Map<string, Touch>();
  /** Recorded, and still changing. */
  #changing = new Map<string, Touch>();
  #isGathering = false;
  #flushing: Promise<unknown> = Promise.resolve();
  #queued: Promise<ReadonlySet<string>> | undefined;
  #wroteAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: TouchedSubjectsOptions) {
    this.#options = options;
    this.#pages = new TouchPages(options);
  }

  /** Resolves when it is recorded that these subjects have something to compile. Rejects with what the store throws. */
  async mark(subjects: Iterable<string>): Promise<void> {
    const nowMs = this.#options.clock.now();
    const reliesOnLook = this.#reliesOnLook;
    let isMissing = false;
    for (const subject of subjects) {
      const isKnown = reliesOnLook && this.#isKnown(subject, nowMs);
      if (isKnown && this.#isFresh(subject, nowMs)) continue;
      isMissing ||= !isKnown;
      const touches = isKnown ? this.#changing : this.#waiting;
      if (isKnown || !touches.has(subject)) touches.set(subject, { subject, firstMs: nowMs, lastMs: nowMs, failures: 0 });
    }
    if (isMissing) await this.#flushSoon();
    else if (this.#changing.size > 0 && !this.#isGathering) void this.#flushLater();
  }

  /** Records subjects that could not be compiled, to be tried again later. Answers whether the store had room for all of them. */
  async putBack(touches: readonly Touch[]): Promise<boolean> {
    for (const touch of touches) {
      this.#known.delete(touch.subject);
      this.#waiting.set(touch.subject, touch);
    }
    const lost = await this.#flushSoon();
    return touches.every(({ subject }) => !lost.has(subject));
  }

  get #reliesOnLook(): boolean {
    return steadyNow(this.#options.clock) - this.#lookedAtMs <= reliesMs;
  }

  /** A clock that was set back makes nothing known. */
  #isKnown(subject: string, nowMs: number): boolean {
    const recordedMs = this.#known.get(subject);
    return recordedMs !== undefined && recordedMs <= nowMs;
  }

  #isFresh(subject: string, nowMs: number): boolean {
    const recordedMs = this.#known.get(subject);
    return recordedMs !== undefined && nowMs - recordedMs < this.#options.quietMs / recordedAgainPart;
  }

  /** Everything that waits when a write can begin goes into that write. Answers as `#flush` does. */
  #flushSoon(): Promise<ReadonlySet<string>> {
    this.#queued ??= this.#flushing
      .catch(() => undefined)
      .then(async () => {
        if (this.#changing.size > 0 || this.#unrecorded(this.#waiting.values()).length > 0) await this.#pause();
        const touches = [...this.#waiting.values(), ...this.#changing.values()];
        this.#waiting = new Map();
        this.#changing = new Map();
        this.#queued = undefined;
        const flushing = this.#flush(touches);
        this.#flushing = flushing;
        return flushing;
      });
    return this.#queued;
  }

  /** Never rejects: what is not recorded again is so with the next change, and is compiled anyway. */
  async #flushLater(): Promise<void> {
    const { clock, quietMs } = this.#options;
    this.#isGathering = true;
    await sleep(clock, Math.min(gatherMs, quietMs / recordedAgainPart));
    this.#isGathering = false;
    if (this.#changing.size > 0) await this.#flushSoon().catch(() => undefined);
  }

  async #pause(): Promise<void> {
    const { clock } = this.#options;
    const restMs = this.#wroteAtMs + writeEveryMs - steadyNow(clock);
    if (restMs > 0) await sleep(clock, restMs);
  }

  /** Answers the subjects for which there was no room. */
  async #flush(touches: readonly Touch[]): Promise<ReadonlySet<string>> {
    if (!this.#reliesOnLook) await this.#look();
    const unrecorded = this.#unrecorded(touches);
    if (unrecorded.length === 0) return none;
    this.#wroteAtMs = steadyNow(this.#options.clock);
    const recorded = await this.#pages.write(unrecorded);
    if (this.#known.size + recorded.length > mostKnown) this.#known.clear();
    for (const { subject, lastMs, failures } of recorded) if (failures === 0) this.#known.set(subject, lastMs);
    if (recorded.length === unrecorded.length) return none;
    const written = new Set(recorded.map(({ subject }) => subject));
    return new Set(unrecorded.flatMap(({ subject }) => (written.has(subject) ? [] : [subject])));
  }

  #unrecorded(touches: Iterable<Touch>): readonly Touch[] {
    const nowMs = this.#options.clock.now();
    const isRecorded = (subject: string) => this.#isKnown(subject, nowMs) && this.#isFresh(subject, nowMs);
    return Array.from(touches).filter(({ subject, failures }) => failures > 0 || !isRecorded(subject));
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
}
