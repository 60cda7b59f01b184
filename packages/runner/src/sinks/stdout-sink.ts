import type { Writable } from "node:stream";
import type { Clock } from "@statewave-connectors/connector-sdk";
import type { OutboundEpisode, SendResult, Sink } from "@statewave-connectors/connector-sdk/host";
import { wireJson } from "./wire/prepared-episode.ts";
import type { RequestObserver } from "./request-observer.ts";

export interface StdoutSinkOptions {
  readonly stream: Writable;
  readonly clock: Clock;
  readonly onRequest?: RequestObserver | undefined;
}

/** One JSON line per episode on stdout: to look at, or to pipe. Nothing here is durable, and the description says so. */
export class StdoutSink implements Sink {
  readonly description = "stdout (not durable: an episode counts as delivered once the pipe took it)";
  readonly maxBatchItems = 100;
  readonly maxBatchBytes = 1_000_000;
  readonly #options: StdoutSinkOptions;

  constructor(options: StdoutSinkOptions) {
    this.#options = options;
    // Without a listener a closed pipe would end the process; each write reports its own failure. One is enough for every runner.
    if (!options.stream.listeners("error").includes(ignore)) options.stream.on("error", ignore);
  }

  async send(batch: readonly OutboundEpisode[], signal: AbortSignal): Promise<SendResult> {
    const { clock, onRequest } = this.#options;
    const startedAtMs = clock.now();
    const result = await this.#write(batch.map((outbound) => `${wireJson(outbound)}\n`).join(""), signal);
    onRequest?.({
      status: result.type === "accepted" ? "ok" : "error",
      durationMs: clock.now() - startedAtMs,
      items: batch.length,
    });
    return result;
  }

  /** The callback comes when the reader took the lines: a slow reader slows the delivery down, nothing piles up. */
  #write(lines: string, signal: AbortSignal): Promise<SendResult> {
    return new Promise((resolve) => {
      const onAbort = () => resolve({ type: "failed", reason: "stdout did not take the lines in time", suspect: false });
      if (signal.aborted) {
        onAbort();
        return;
      }
      signal.addEventListener("abort", onAbort, { once: true });
      this.#options.stream.write(lines, (error) => {
        signal.removeEventListener("abort", onAbort);
        resolve(error ? closedPipe(error) : { type: "accepted" });
      });
    });
  }
}

function ignore(): void {
  // The write's own callback has the error.
}

const hints: Readonly<Record<string, string>> = {
  EPIPE: "restart both programs, since the one that read stdout has ended, or use a file: sink to keep episodes",
  ENOSPC: "free some space on the disk behind stdout, or use a file: sink on another one",
};

function closedPipe(error: Error & { readonly code?: string }): SendResult {
  return {
    type: "stopped",
    reason: `stdout: ${error.code ?? error.name}`,
    hint: hints[error.code ?? ""] ?? "restart the runner with a stdout that can be written, or use a file: sink to keep episodes",
  };
}
