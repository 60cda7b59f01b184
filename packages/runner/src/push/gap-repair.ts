import { type Clock, isConnectorsError, type Logger, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";
import type { PagesReport } from "../pages/pages-account.ts";
import type { RunOutcome } from "../pull/run-pull.ts";
import type { OpenedPush } from "./opened-push.ts";

/** After a start the twins are read within this time, spread over it. */
const spreadMs = 5_000;
/** After the last 503 of a receiver: by then its provider has sent again what it means to, and the rest is a gap. */
const quietMs = 30_000;
/** For a twin that runs elsewhere, and for one that an operator has paused. */
const laterMs = 30_000;

export interface GapRepairOptions {
  readonly entries: { readonly pushes: readonly OpenedPush[]; pushOf(source: SourceKey): OpenedPush | undefined };
  /** Runs a pull source; resolves with a run that began after the call. */
  readonly runForProgram: (source: SourceKey) => Promise<RunOutcome>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * Has the twin of a receiver read what push may have missed: after a downtime of this process, after a 503, and after its provider had
 * stopped sending. Idempotency keys absorb what arrives both ways.
 */
export class GapRepair {
  readonly #options: GapRepairOptions;
  /** What cancels the run that is planned for a receiver. */
  readonly #planned = new Map<string, () => void>();
  #stopped = false;

  constructor(options: GapRepairOptions) {
    this.#options = options;
  }

  /** The runner has just started: twins that were read before have a gap as long as it was down. A twin never read waits for its schedule. */
  afterDowntime(states: readonly SourceState[]): void {
    const known = new Set(states.filter(({ cursor }) => cursor !== undefined).map(({ source }) => formatSourceKey(source)));
    for (const push of this.#options.entries.pushes) {
      const twin = twinOf(push);
      if (twin !== undefined && known.has(formatSourceKey(twin)))
        this.#plan(formatSourceKey(push.key), twin, Math.round(this.#options.random() * spreadMs));
    }
  }

  /** A receiver answered 503: its provider may give up on that event. */
  turnedAway(receiver: SourceKey): void {
    const push = this.#options.entries.pushOf(receiver);
    const twin = push && twinOf(push);
    if (twin !== undefined) this.#plan(formatSourceKey(receiver), twin, quietMs);
  }

  /** What kept a receiver's provider from sending is over: what happened meanwhile was never sent. */
  recovered(receiver: SourceKey): void {
    this.turnedAway(receiver);
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#planned.values()) cancel();
    this.#planned.clear();
  }

  #plan(receiver: string, twin: SourceKey, delayMs: number): void {
    if (this.#stopped) return;
    this.#planned.get(receiver)?.();
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#planned.delete(receiver);
      void this.#repair(receiver, twin);
    });
    this.#planned.set(receiver, cancel);
  }

  async #repair(receiver: string, twin: SourceKey): Promise<void> {
    const { runForProgram, logger } = this.#options;
    const where = { receiver, twin: formatSourceKey(twin) };
    try {
      const outcome = await runForProgram(twin);
      if (outcome.type === "partial" && outcome.reason !== "max_items") this.#plan(receiver, twin, laterMs);
      if (outcome.type !== "failed")
        logger.info("read the twin for what push may have missed", { ...where, ...countsOf(outcome.report) });
    } catch (error) {
      // Another run reads it at this moment, but may have begun before the gap ended.
      if (isConnectorsError(error, "PULL_BUSY") || isConnectorsError(error, "PULL_PAUSED")) this.#plan(receiver, twin, laterMs);
      else logger.debug("the twin could not be read; it is read at its next due", { ...where, error });
    }
  }
}

function twinOf({ key, entry }: OpenedPush): SourceKey | undefined {
  return entry.pull === undefined ? undefined : { kind: key.kind, name: entry.pull };
}

function countsOf({ episodes, delivered, buried, skipped, failed }: PagesReport): Readonly<Record<string, number>> {
  return { episodes, delivered, buried, skipped, ...(failed > 0 && { failed }) };
}
