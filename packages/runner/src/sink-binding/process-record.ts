import { hostname } from "node:os";
import { type Clock, ConnectorsError, type Logger, sleep } from "@statewave-connectors/connector-sdk";
import { recordLimits, type StoreRecord, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { within } from "../deadline/within.ts";
import type { SinkIdentity } from "./sink-identity.ts";

export interface ProcessRecordOptions {
  readonly records: StoreRecords;
  readonly sink: SinkIdentity;
  /** Unique per process. */
  readonly owner: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface LiveProcess {
  readonly host: string;
  readonly pid: number;
  readonly sink: SinkIdentity;
  readonly stage: "starting" | "running";
}

const scope = "processes";
/** For this long after a crash a process counts as running. */
const runningTtlMs = 60_000;
const startingTtlMs = 10_000;
const renewalsPerTtl = 3;
const lookAgainMs = 100;
const deleteWithinMs = 2_000;

/**
 * This process among those that share a store: a record that expires unless it is renewed. Two processes with different sinks would move
 * the same cursors, so that neither sink gets everything: the later one does not start.
 */
export class ProcessRecord {
  readonly #options: ProcessRecordOptions;
  #version = 0;
  #closed = false;
  #cancelRenewal: () => void = () => undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(options: ProcessRecordOptions) {
    this.#options = options;
  }

  /** Throws `STORE_SINK_CONFLICT` when a live process delivers to another sink. Of two that start at once, one wins. */
  static async join(options: ProcessRecordOptions): Promise<ProcessRecord> {
    const record = new ProcessRecord(options);
    await record.#write("starting");
    try {
      await record.#awaitConsent();
      await record.#write("running");
    } catch (error) {
      await record.#delete().catch(() => undefined);
      throw error;
    }
    record.#renewLater();
    return record;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRenewal();
    const { clock } = this.#options;
    // A store that does not answer must not hold up the stop; the record expires.
    const deleting = async () => {
      await this.#writing;
      await this.#delete();
    };
    await within({ clock, timeoutMs: deleteWithinMs }, deleting).catch(() => undefined);
  }

  async #awaitConsent(): Promise<void> {
    const { owner, clock } = this.#options;
    for (;;) {
      const others = await this.#othersWithAnotherSink();
      // Of two that start at once, the one with the lower key wins.
      const decisive = others.find(({ process, record }) => process.stage === "running" || record.key < owner);
      if (decisive !== undefined) throw conflict(decisive.process, this.#options.sink, decisive.record.expiresAtMs);
      if (others.length === 0) return;
      await sleep(clock, lookAgainMs);
    }
  }

  async #othersWithAnotherSink(): Promise<readonly { readonly process: LiveProcess; readonly record: StoreRecord }[]> {
    const { records, owner, sink } = this.#options;
    const found: { process: LiveProcess; record: StoreRecord }[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await records.list(scope, { after });
      for (const record of page) {
        const process = parseProcess(record.value);
        if (record.key === owner || process === undefined || process.sink.fingerprint === sink.fingerprint) continue;
        found.push({ process, record });
      }
      after = page.at(-1)?.key;
      if (page.length < recordLimits.perList) return found;
    }
  }

  async #write(stage: LiveProcess["stage"]): Promise<void> {
    const { records, owner, sink } = this.#options;
    const process: LiveProcess = { host: hostname(), pid: globalThis.process.pid, sink, stage };
    const result = await records.compareAndSet({
      scope,
      key: owner,
      value: JSON.stringify(process),
      expectedVersion: this.#version,
      ttlMs: stage === "starting" ? startingTtlMs : runningTtlMs,
    });
    this.#version = result.stored ? result.version : (result.current?.version ?? 0);
    if (!result.stored) throw new RecordMoved();
  }

  #renewLater(): void {
    this.#cancelRenewal = this.#options.clock.after(runningTtlMs / renewalsPerTtl, () => {
      this.#writing = this.#renew().finally(() => {
        if (!this.#closed) this.#renewLater();
      });
    });
  }

  async #renew(): Promise<void> {
    const { logger } = this.#options;
    try {
      await this.#write("running");
    } catch (error) {
      if (!(error instanceof RecordMoved)) {
        logger.debug("the record of this process could not be renewed", { error });
        return;
      }
      await this.#rejoin().catch((cause: unknown) =>
        logger.debug("the record of this process could not be renewed", { error: cause }),
      );
    }
  }

  /** The record expired: this process stood still, or the store did not answer. Another one may have started meanwhile. */
  async #rejoin(): Promise<void> {
    const { logger, sink } = this.#options;
    await this.#write("running");
    const [other] = await this.#othersWithAnotherSink();
    if (other === undefined) return;
    logger.error("another process delivers from this state to another sink: stop one of them", {
      sink: sink.label,
      other_sink: other.process.sink.label,
      other_host: other.process.host,
      other_pid: other.process.pid,
    });
  }

  async #delete(): Promise<void> {
    const { records, owner } = this.#options;
    if (this.#version > 0) await records.compareAndSet({ scope, key: owner, expectedVersion: this.#version });
  }
}

/** The stored version is another one than expected. */
class RecordMoved extends Error {}

function parseProcess(text: string): LiveProcess | undefined {
  try {
    const value = JSON.parse(text) as Partial<LiveProcess> | null;
    return typeof value?.sink?.fingerprint === "string" ? (value as LiveProcess) : undefined;
  } catch {
    return undefined;
  }
}

function conflict({ host, pid, sink }: LiveProcess, own: SinkIdentity, expiresAtMs: number | undefined): ConnectorsError {
  const lapses = expiresAtMs === undefined ? "later" : `after ${new Date(expiresAtMs).toISOString()}`;
  return new ConnectorsError({
    code: "STORE_SINK_CONFLICT",
    message: `the process ${pid} on ${host} delivers from this state to ${sink.label}, and this configuration names ${own.label}`,
    hint: `stop every process of this state first (scale a Helm release to 0 replicas, then upgrade it), or give this one a state of its own; if that process is gone, start again ${lapses}`,
  });
}
