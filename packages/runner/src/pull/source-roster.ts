import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";
import type { DueCalendar } from "./due-calendar.ts";
import type { LeaseQueue } from "./lease-queue.ts";
import type { OpenedPull } from "./opened-pull.ts";
import { unknownSource } from "./pull-errors.ts";
import type { ScheduleClock } from "./schedule-clock.ts";
import { ScheduledSource } from "./scheduled-source.ts";

export interface SourceRosterOptions {
  readonly pulls: readonly OpenedPull[];
  readonly schedule: Pick<ScheduleClock, "now">;
  readonly calendar: Pick<DueCalendar, "arm" | "reschedule" | "disarm">;
  readonly queue: Pick<LeaseQueue, "remove">;
  /** Called for a source that continues with other options, and has something left to read. */
  readonly onRestToRead: (source: SourceKey) => void;
}

/** What a source becomes when its run has ended; undefined: it is removed. */
interface Replacement extends PromiseWithResolvers<void> {
  next: OpenedPull | undefined;
}

/** The sources of a scheduler. A reload adds, changes and removes them one by one. */
export class SourceRoster {
  readonly #options: SourceRosterOptions;
  readonly #sources: Map<string, ScheduledSource>;
  /** Those whose run has to end first. */
  readonly #replacements = new Map<ScheduledSource, Replacement>();

  constructor(options: SourceRosterOptions) {
    this.#options = options;
    this.#sources = new Map(options.pulls.map((pull) => [formatSourceKey(pull.key), new ScheduledSource(pull)]));
  }

  get size(): number {
    return this.#sources.size;
  }

  get all(): Iterable<ScheduledSource> {
    return this.#sources.values();
  }

  get(key: SourceKey): ScheduledSource | undefined {
    return this.#sources.get(formatSourceKey(key));
  }

  /** Whether it is still one of them. */
  has(source: ScheduledSource): boolean {
    return this.get(source.pull.key) === source;
  }

  /** Adds a source, or has it continue with other options once no run is under way. `state`: what the store remembers of an added one. */
  put(pull: OpenedPull, state: SourceState | undefined): Promise<void> {
    const known = this.get(pull.key);
    if (known !== undefined) return this.#replaceWhenIdle(known, pull);
    const source = new ScheduledSource(pull);
    this.#sources.set(formatSourceKey(pull.key), source);
    this.#options.calendar.arm(source, state, this.#options.schedule.now());
    return Promise.resolve();
  }

  /** Removes a source once no run is under way. */
  remove(key: SourceKey): Promise<void> {
    const source = this.get(key);
    return source === undefined ? Promise.resolve() : this.#replaceWhenIdle(source, undefined);
  }

  /** The run of a source has ended. */
  becameIdle(source: ScheduledSource): void {
    const replacement = this.#replacements.get(source);
    if (replacement === undefined) return;
    this.#replacements.delete(source);
    this.#replace(source, replacement.next);
    replacement.resolve();
  }

  #replaceWhenIdle(source: ScheduledSource, next: OpenedPull | undefined): Promise<void> {
    // Of two changes during one run, the latter counts.
    const replacement = this.#replacements.get(source) ?? { ...Promise.withResolvers<void>(), next };
    replacement.next = next;
    if (source.stage === "running") {
      source.endForReload();
      this.#replacements.set(source, replacement);
    } else {
      this.#replace(source, next);
      replacement.resolve();
    }
    return replacement.promise;
  }

  #replace(source: ScheduledSource, next: OpenedPull | undefined): void {
    const { calendar, queue, schedule, onRestToRead } = this.#options;
    const { key } = source.pull;
    // What its provider reported between two waits is not reported again.
    const hasRest = source.hasRestToRead || next?.source.wait !== undefined;
    source.replaceWith(next, next?.entry.schedule.nextAfterMs(schedule.now()));
    if (next === undefined) {
      this.#sources.delete(formatSourceKey(key));
      source.refuseRequests(unknownSource(key, []));
      queue.remove(source);
      calendar.disarm(source);
      return;
    }
    calendar.reschedule(source);
    if (hasRest) onRestToRead(key);
  }
}
