import type { Clock, Logger } from "@statewave-connectors/connector-sdk";
import { formatSourceKey, type ReadingProgress } from "@statewave-connectors/connector-sdk/host";
import { recordLimits, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { within } from "../deadline/within.ts";
import type { NamedRun } from "../pull/log-run.ts";
import { steadyNow } from "../steady-now.ts";
import { continued, parseReading, type SourceReading, readingAfter, remainingOf } from "./reading.ts";

export interface ReadingsOptions {
  /** Undefined: the store keeps none, and only the log says how far a reading has come. */
  readonly records: StoreRecords | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The keys are `kind/name`. A record lasts from the first ten seconds of a reading to its end. */
const scope = "readings";
/** Most readings take less than the first of these, and none of them is stored. */
const writeEveryMs = 10_000;
const logEveryMs = 60_000;
const answerWithinMs = 10_000;
/** One that stands still for so long is no estimate any more. */
const keptMs = 24 * 60 * 60_000;

interface OpenReading {
  reading: SourceReading;
  /** When it is to be written and logged next, steady time. */
  writeAtMs: number;
  logAtMs: number;
  /** Undefined: what the store holds was not read yet. */
  version: number | undefined;
  writing: Promise<void> | undefined;
}

/**
 * How far the readings of this process have come, for the status and the log. A source whose connector reports nothing costs nothing, and no page
 * waits for the store; the end of a run waits 20 s at most.
 */
export class Readings {
  readonly #options: ReadingsOptions;
  readonly #open = new Map<string, OpenReading>();
  /** When this process last read a source to its end: an earlier record is out of date. */
  readonly #finishedAtMs = new Map<string, number>();

  constructor(options: ReadingsOptions) {
    this.#options = options;
  }

  /** A page of a run is safe. */
  reached(run: NamedRun, progress: ReadingProgress | undefined): void {
    if (progress === undefined) return;
    const key = formatSourceKey(run.source);
    const nowMs = steadyNow(this.#options.clock);
    const open = this.#open.get(key);
    const reading = readingAfter(open?.reading, progress, this.#options.clock.now());
    if (reading === undefined) return;
    if (open === undefined) {
      const [writeAtMs, logAtMs] = [nowMs + writeEveryMs, nowMs + logEveryMs];
      this.#open.set(key, { reading, writeAtMs, logAtMs, version: undefined, writing: undefined });
      return;
    }
    open.reading = reading;
    if (nowMs >= open.writeAtMs && open.writing === undefined) this.#write(key, open, nowMs);
    if (nowMs >= open.logAtMs) this.#log(run, open, nowMs);
  }

  /** A run has read its source to the end. Never rejects: a record that stays is older than that end. */
  async finish({ source }: Pick<NamedRun, "source">): Promise<void> {
    const key = formatSourceKey(source);
    const open = this.#open.get(key);
    this.#open.delete(key);
    this.#finishedAtMs.set(key, this.#options.clock.now());
    await open?.writing;
    const { records, clock, logger } = this.#options;
    const version = open?.version;
    if (records === undefined || version === undefined || version === 0) return;
    try {
      await within({ clock, timeoutMs: answerWithinMs }, () =>
        records.compareAndSet({ scope, key, expectedVersion: version }).then(() => undefined),
      );
    } catch (error) {
      logger.debug("the end of a reading could not be stored", { source: key, error });
    }
  }

  #log({ source, runId }: NamedRun, open: OpenReading, nowMs: number): void {
    const remaining = remainingOf(open.reading);
    if (remaining === undefined) return;
    open.logAtMs = nowMs + logEveryMs;
    const { fraction, remainingMs, by } = remaining;
    const facts = { fraction: Math.floor(fraction * 1_000) / 1_000, remaining_ms: remainingMs, estimated_by: by };
    this.#options.logger.info("reading in progress", { source: formatSourceKey(source), run_id: runId, ...facts });
  }

  #write(key: string, open: OpenReading, nowMs: number): void {
    const { records, clock, logger } = this.#options;
    open.writeAtMs = nowMs + writeEveryMs;
    if (records === undefined) return;
    open.writing = within({ clock, timeoutMs: answerWithinMs }, () => store(records, key, open, this.#finishedAtMs.get(key)))
      .catch((error: unknown) => logger.debug("the progress of a reading could not be stored", { source: key, error }))
      .finally(() => (open.writing = undefined));
  }
}

async function store(records: StoreRecords, key: string, open: OpenReading, finishedAtMs = -Infinity): Promise<void> {
  if (open.version === undefined) {
    const stored = await records.get(scope, key);
    const before = stored && parseReading(stored.value);
    if (before !== undefined && before.updatedAtMs > finishedAtMs) open.reading = continued(before, open.reading);
    open.version = stored?.version ?? 0;
  }
  const write = { scope, key, value: JSON.stringify(open.reading), expectedVersion: open.version, ttlMs: keptMs };
  const result = await records.compareAndSet(write);
  // Another process has written it since: the next write replaces that.
  open.version = result.stored ? result.version : (result.current?.version ?? 0);
}

/** The readings that are stored, by `kind/name`: one request, unless a thousand sources are read for long. */
export async function storedReadings(records: StoreRecords): Promise<ReadonlyMap<string, SourceReading>> {
  const readings = new Map<string, SourceReading>();
  let after: string | undefined;
  for (;;) {
    const page = await records.list(scope, { after });
    for (const { key, value } of page) {
      const reading = parseReading(value);
      if (reading !== undefined) readings.set(key, reading);
    }
    after = page.at(-1)?.key;
    if (page.length < recordLimits.perList) return readings;
  }
}
