import { type Clock, describeError, type Episode, isConnectorsError, type Logger } from "@statewave-connectors/connector-sdk";
import type { OutboundEpisode, SendResult, Sink } from "@statewave-connectors/connector-sdk/host";
import { timeIsOver } from "../deadline/deadline.ts";
import { within } from "../deadline/within.ts";
import type { RequestObserver } from "./request-observer.ts";

/**
 * Where an embedder's episodes go instead of Statewave: a sink, or a function that resolves once all are safe. What it throws is tried
 * again for ever, except a `ConnectorsError` that is not retryable: that refuses the episodes, which are then narrowed down and buried.
 */
export type Ingest = Sink | ((episodes: readonly Episode[], signal: AbortSignal) => Promise<void>);

export interface IngestSinkOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onRequest?: RequestObserver | undefined;
}

const timeoutMs = 30_000;

/** The sink behind `createRunner({ ingest })`. A function gets 30 s a batch, whether it heeds its signal or not. */
export function sinkFromIngest(ingest: Ingest, { clock, logger, onRequest }: IngestSinkOptions): Sink {
  if (typeof ingest !== "function") return ingest;
  // An outage is logged once, and again when its reason changes.
  let lastLogged: string | undefined;
  const onThrow = (error: unknown) => {
    const described = describeError(error);
    if (described !== lastLogged) logger.warn("the ingest function threw", { error });
    lastLogged = described;
  };
  return {
    description: "the ingest function of the embedding program",
    maxBatchItems: 100,
    maxBatchBytes: 1_000_000,
    // Behind the function there is usually Statewave.
    sortsBatches: true,
    async send(batch, signal) {
      const startedAtMs = clock.now();
      const result = await call(ingest, batch, signal, { clock, onThrow });
      if (result.type === "accepted") lastLogged = undefined;
      onRequest?.({
        status: result.type === "accepted" ? "ok" : "error",
        durationMs: clock.now() - startedAtMs,
        items: batch.length,
      });
      return result;
    },
  };
}

async function call(
  ingest: Exclude<Ingest, Sink>,
  batch: readonly OutboundEpisode[],
  signal: AbortSignal,
  { clock, onThrow }: { readonly clock: Clock; readonly onThrow: (error: unknown) => void },
): Promise<SendResult> {
  const episodes = batch.map(({ episode }) => episode);
  try {
    await within({ clock, timeoutMs, signal }, async (ingesting) => ingest(episodes, ingesting));
    return { type: "accepted" };
  } catch (error) {
    if (signal.aborted) return notStored("the request was given up");
    if (error === timeIsOver) return notStored(`ingest did not resolve within ${timeoutMs / 1000} s`);
    onThrow(error);
    return toResult(error, clock.now());
  }
}

function notStored(reason: string): SendResult {
  return { type: "failed", reason, suspect: false };
}

/** The reason of a refusal goes to the dead-letter list. `/readyz` shows that of a failure, so the text of the error goes to the log only. */
function toResult(error: unknown, nowMs: number): SendResult {
  const reason = "the ingest function threw; the log has the error";
  if (!isConnectorsError(error)) return { type: "failed", reason, suspect: true };
  if (!error.retryable) return { type: "refused", reason: describeError(error) };
  const { retryAtMs } = error;
  return {
    type: "failed",
    reason,
    suspect: true,
    ...(retryAtMs === undefined ? {} : { retryAfterMs: Math.max(0, retryAtMs - nowMs) }),
  };
}
