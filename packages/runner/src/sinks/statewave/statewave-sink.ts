import { randomUUID } from "node:crypto";
import type { Logger } from "@statewave-connectors/connector-sdk";
import type { OutboundEpisode, SendResult, Sink } from "@statewave-connectors/connector-sdk/host";
import { type SinkAnswer, classifyAnswer, notStatewave } from "./classify-answer.ts";
import { freshRows } from "./fresh-rows.ts";
import { runIdsOf } from "../../run-id.ts";
import { isEchoHead, judgeEcho } from "./judge-echo.ts";
import { wireBytes } from "../wire/prepared-episode.ts";
import type { RequestObserver } from "../request-observer.ts";
import { StatewaveServer, type StatewaveServerOptions } from "./statewave-server.ts";

export interface StatewaveSinkOptions extends StatewaveServerOptions {
  readonly logger: Logger;
  readonly onRequest?: RequestObserver | undefined;
}

/** The server takes 1 to 100 items; its body limit, if any, is that of the proxy before it. */
const maxBatchItems = 100;
const maxBatchBytes = 1_000_000;
const batchRequest = { method: "POST", path: "/v1/episodes/batch" } as const;
const requestTimeoutMs = 30_000;
/** Nothing is stored for it, so it is answered quickly or not at all. */
const reachTimeoutMs = 5_000;
/** How often a whole echo is parsed, for fields that the server leaves out. In between its beginning says which server answered. */
const wholeEchoEveryMs = 60_000;

/**
 * Statewave's batch API. A batch is one transaction there, committed before the status line is written: 201 means stored even when the
 * echo behind it breaks off. A 2xx without that echo comes from another server. The key of each episode makes a repeat harmless.
 */
export class StatewaveSink implements Sink {
  readonly description: string;
  readonly maxBatchItems = maxBatchItems;
  readonly maxBatchBytes = maxBatchBytes;
  readonly sortsBatches = true;
  readonly #server: StatewaveServer;
  readonly #options: StatewaveSinkOptions;
  #reportedMissing = false;
  /** When the last whole echo was requested, epoch milliseconds. */
  #wholeEchoAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: StatewaveSinkOptions) {
    this.#server = new StatewaveServer(options);
    this.description = this.#server.description;
    this.#options = options;
  }

  async send(batch: readonly OutboundEpisode[], signal: AbortSignal): Promise<SendResult> {
    const { clock, logger, onRequest } = this.#options;
    const body = batchBody(batch);
    const requestId = randomUUID();
    const startedAtMs = clock.now();
    const wantsFresh = batch.some((item) => item.wantsFresh === true);
    const needsWhole = wantsFresh || this.#isWholeEchoDue(startedAtMs);
    const { result, status, answer } = await this.#post(
      { body, requestId, items: batch.length, runIds: runIdsOf(batch), needsWhole },
      signal,
    );
    const answeredAtMs = clock.now();
    const durationMs = answeredAtMs - startedAtMs;
    onRequest?.({ status, durationMs, items: batch.length });
    logger.debug("batch sent", {
      request_id: requestId,
      run_ids: runIdsOf(batch),
      status,
      items: batch.length,
      duration_ms: durationMs,
    });
    if (result.type !== "accepted") return { ...result, requestId };
    if (answer === undefined || !wantsFresh) return result;
    const request = { items: batch.length, sentAtMs: startedAtMs, answeredAtMs, date: answer.date };
    const fresh = freshRows(answer.body, request);
    return fresh === undefined ? result : { ...result, fresh };
  }

  /** An empty batch takes the way of every batch, and the server refuses it (422) without looking into its database. */
  async isReachable(signal: AbortSignal): Promise<boolean> {
    const exchange = await this.#server.exchange({ ...batchRequest, body: '{"episodes":[]}', timeoutMs: reachTimeoutMs }, signal);
    return exchange.type === "answered" && exchange.answer.status < 500;
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #isWholeEchoDue(nowMs: number): boolean {
    const isDue = Math.abs(nowMs - this.#wholeEchoAtMs) >= wholeEchoEveryMs;
    if (isDue) this.#wholeEchoAtMs = nowMs;
    return isDue;
  }

  async #post(post: Post, signal: AbortSignal): Promise<BatchExchange> {
    const { body, requestId, needsWhole } = post;
    const isEnough = needsWhole ? undefined : isEchoHead;
    const request = { ...batchRequest, body, requestId, isEnough, timeoutMs: requestTimeoutMs };
    const exchange = await this.#server.exchange(request, signal);
    if (exchange.type === "silent") {
      const { reason, hint, status } = exchange;
      return { result: { ...noAnswer(reason), ...(hint !== undefined && { hint }) }, status };
    }
    const { answer } = exchange;
    const result = classifyAnswer(answer, this.#options.clock.now());
    const status = String(answer.status);
    return { result: result.type === "accepted" ? this.#checkEcho(answer, post) : result, status, answer };
  }

  #checkEcho({ status, body, isWhole = true }: SinkAnswer, { items, requestId, runIds }: Post): SendResult {
    const verdict = judgeEcho({ text: body, isWhole }, items);
    if (verdict.type === "unreadable") return noAnswer(`${status}, and the connection broke before the answer`);
    if (verdict.type === "stranger") return notStatewave(`${status} ${verdict.why}`);
    if (verdict.missing.length > 0 && !this.#reportedMissing) {
      this.#reportedMissing = true;
      this.#options.logger.warn("the answer of Statewave lacks fields that every known version sends", {
        sink: this.description,
        request_id: requestId,
        run_ids: runIds,
        missing: verdict.missing,
      });
    }
    return { type: "accepted" };
  }
}

const start = Buffer.from('{"episodes":[');
const separator = Buffer.from(",");
const end = Buffer.from("]}");

function batchBody(batch: readonly OutboundEpisode[]): Uint8Array {
  const parts = batch.flatMap((outbound, index) => [index === 0 ? start : separator, wireBytes(outbound)]);
  return Buffer.concat([...parts, end]);
}

interface Post {
  readonly body: Uint8Array;
  readonly requestId: string;
  readonly items: number;
  /** The runs that have episodes in it. */
  readonly runIds: readonly string[];
  readonly needsWhole: boolean;
}

interface BatchExchange {
  readonly result: SendResult;
  readonly status: string;
  readonly answer?: SinkAnswer;
}

function noAnswer(reason: string): Extract<SendResult, { readonly type: "failed" }> {
  return { type: "failed", reason, suspect: false };
}
