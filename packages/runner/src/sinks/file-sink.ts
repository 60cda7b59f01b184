import { type Clock, describeError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { OutboundEpisode, SendResult, Sink } from "@statewave-connectors/connector-sdk/host";
import type { JsonLinesFile } from "./json-lines-file.ts";
import { wireJson } from "./wire/prepared-episode.ts";
import type { RequestObserver } from "./request-observer.ts";

export interface FileSinkOptions {
  readonly path: string;
  readonly file: JsonLinesFile;
  readonly clock: Clock;
  readonly onRequest?: RequestObserver | undefined;
}

interface PendingAppend {
  readonly lines: string;
  readonly settle: (result: SendResult) => void;
}

/** One JSON line per episode, in the wire form. Batches that arrive while the disk is busy share the next write and its fsync. */
export class FileSink implements Sink {
  readonly description: string;
  readonly maxBatchItems = 500;
  readonly maxBatchBytes = 1_000_000;
  readonly #options: FileSinkOptions;
  #pending: PendingAppend[] = [];
  #writing: Promise<void> | undefined;

  constructor(options: FileSinkOptions) {
    this.description = `file ${options.path}`;
    this.#options = options;
  }

  async send(batch: readonly OutboundEpisode[]): Promise<SendResult> {
    const { clock, onRequest } = this.#options;
    const startedAtMs = clock.now();
    const lines = batch.map((outbound) => `${wireJson(outbound)}\n`).join("");
    const { promise, resolve } = Promise.withResolvers<SendResult>();
    this.#pending.push({ lines, settle: resolve });
    this.#writing ??= this.#writeAll();
    const result = await promise;
    onRequest?.({
      status: result.type === "accepted" ? "ok" : "error",
      durationMs: clock.now() - startedAtMs,
      items: batch.length,
    });
    return result;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#options.file.close();
  }

  async #writeAll(): Promise<void> {
    while (this.#pending.length > 0) {
      const group = this.#pending;
      this.#pending = [];
      const result = await this.#append(group.map(({ lines }) => lines).join(""));
      for (const { settle } of group) settle(result);
    }
    this.#writing = undefined;
  }

  async #append(lines: string): Promise<SendResult> {
    try {
      await this.#options.file.append(lines);
      return { type: "accepted" };
    } catch (error) {
      // Disks fill up and are mounted again: tried for ever. A foreign file in our place needs a person.
      if (isConnectorsError(error)) {
        return { type: "stopped", reason: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
      }
      return { type: "failed", reason: `${this.description}: ${systemReason(error)}`, suspect: false };
    }
  }
}

function systemReason(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : describeError(error);
}
