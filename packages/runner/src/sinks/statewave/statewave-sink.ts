import { randomUUID } from "node:crypto";
import { type Clock, ConnectorsError, type Logger, type Secret } from "@statewave-connectors/connector-sdk";
import type { OutboundEpisode, SendResult, Sink } from "@statewave-connectors/connector-sdk/host";
import { systemCodeOf, toNetworkError } from "@statewave-connectors/connector-sdk/http";
import { withoutTrailingSlashes } from "@statewave-connectors/connector-sdk/options";
import { type Answer, classifyAnswer, notStatewave } from "./classify-answer.ts";
import { basicCredentials } from "./basic-credentials.ts";
import { freshRows } from "./fresh-rows.ts";
import { isEchoHead, judgeEcho } from "./judge-echo.ts";
import { wireJson } from "../wire/prepared-episode.ts";
import type { RequestObserver } from "../request-observer.ts";
import type { Network } from "../../network/network.ts";
import { fetchTransport, type PostRequest, type Transport, undiciTransport } from "./transport.ts";

export interface StatewaveSinkOptions {
  readonly url: URL;
  /** `user:password` for a proxy in front of the server. */
  readonly credentials?: Secret | undefined;
  readonly apiKey?: Secret | undefined;
  readonly tenantId?: string | undefined;
  readonly tenantHeader: string;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetchImpl?: typeof globalThis.fetch | undefined;
  /** How requests leave the process, unless `fetchImpl` sends them. Default: directly. */
  readonly network?: Network | undefined;
  readonly onRequest?: RequestObserver | undefined;
}

/** The server takes 1 to 100 items; its body limit, if any, is that of the proxy before it. */
const maxBatchItems = 100;
const maxBatchBytes = 1_000_000;
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
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #transport: Transport;
  readonly #options: StatewaveSinkOptions;
  #reportedMissing = false;
  /** When the last whole echo was requested, epoch milliseconds. */
  #wholeEchoAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: StatewaveSinkOptions) {
    const base = new URL(options.url);
    this.#headers = requestHeaders({ ...options, credentials: options.credentials ?? basicCredentials(base) });
    base.username = "";
    base.password = "";
    base.search = "";
    base.hash = "";
    base.pathname = withoutTrailingSlashes(base.pathname);
    this.description = `Statewave at ${base.origin}${base.pathname.replace(/^\/$/, "")}`;
    this.#url = `${base.href.replace(/\/$/, "")}/v1/episodes/batch`;
    this.#transport = options.fetchImpl === undefined ? undiciTransport(options.network) : fetchTransport(options.fetchImpl);
    this.#options = options;
  }

  async send(batch: readonly OutboundEpisode[], signal: AbortSignal): Promise<SendResult> {
    const { clock, logger, onRequest } = this.#options;
    const body = `{"episodes":[${batch.map(wireJson).join(",")}]}`;
    const requestId = randomUUID();
    const startedAtMs = clock.now();
    const asksFresh = batch.some((item) => item.asksFresh === true);
    const needsWhole = asksFresh || this.#isWholeEchoDue(startedAtMs);
    const { result, status, answer } = await this.#post({ body, requestId, items: batch.length, needsWhole }, signal);
    const answeredAtMs = clock.now();
    const durationMs = answeredAtMs - startedAtMs;
    onRequest?.({ status, durationMs, items: batch.length });
    logger.debug("batch sent", { request_id: requestId, status, items: batch.length, duration_ms: durationMs });
    if (result.type !== "accepted" || answer === undefined || !asksFresh) return result;
    const request = { items: batch.length, sentAtMs: startedAtMs, answeredAtMs, date: answer.date };
    const fresh = freshRows(answer.body, request);
    return fresh === undefined ? result : { ...result, fresh };
  }

  /** An empty batch takes the way of every batch, and the server refuses it (422) without looking into its database. */
  async isReachable(signal: AbortSignal): Promise<boolean> {
    const request = { body: '{"episodes":[]}', requestId: randomUUID(), isEnough: undefined, timeoutMs: reachTimeoutMs };
    try {
      return (await this.#exchange(request, signal)).status < 500;
    } catch {
      return false;
    }
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #isWholeEchoDue(nowMs: number): boolean {
    const isDue = Math.abs(nowMs - this.#wholeEchoAtMs) >= wholeEchoEveryMs;
    if (isDue) this.#wholeEchoAtMs = nowMs;
    return isDue;
  }

  async #post({ body, requestId, items, needsWhole }: Post, signal: AbortSignal): Promise<PostOutcome> {
    const isEnough = needsWhole ? undefined : isEchoHead;
    try {
      const answer = await this.#exchange({ body, requestId, isEnough, timeoutMs: requestTimeoutMs }, signal);
      const result = classifyAnswer(answer, this.#options.clock.now());
      const status = String(answer.status);
      return { result: result.type === "accepted" ? this.#checkEcho(answer, items) : result, status, answer };
    } catch (error) {
      if (signal.aborted) return { result: noAnswer("the request was given up"), status: "aborted" };
      if (error === timedOut) return { result: noAnswer(`no answer within ${requestTimeoutMs / 1000} s`), status: "timeout" };
      return { result: this.#networkFailure(error), status: "network" };
    }
  }

  /** Throws `timedOut` when no answer came in time. */
  async #exchange({ body, requestId, isEnough, timeoutMs }: Exchange, signal: AbortSignal): Promise<Answer> {
    const controller = new AbortController();
    const abort = () => controller.abort();
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    let isLate = false;
    const cancelTimer = this.#options.clock.after(timeoutMs, () => {
      isLate = true;
      abort();
    });
    try {
      const headers = { ...this.#headers, "x-request-id": requestId };
      return await this.#transport.post({ url: this.#url, headers, body, signal: controller.signal, isEnough });
    } catch (error) {
      throw isLate ? timedOut : error;
    } finally {
      cancelTimer();
      signal.removeEventListener("abort", abort);
    }
  }

  /** A proxy is named in a sentence. Without one the code says enough beside the sink's own address. */
  #networkFailure(error: unknown): SendResult {
    const url = new URL(this.#url);
    const { fetchImpl, network } = this.#options;
    const proxy = fetchImpl === undefined ? network?.proxyFor(url) : undefined;
    const failure = proxy === undefined ? undefined : toNetworkError(error, { host: url.host, proxy });
    if (failure === undefined) return noAnswer(`network: ${errorCode(error)}`);
    return { ...noAnswer(`network: ${failure.message}`), ...(failure.hint !== undefined && { hint: failure.hint }) };
  }

  #checkEcho({ status, body, isWhole = true }: Answer, items: number): SendResult {
    const verdict = judgeEcho({ text: body, isWhole }, items);
    if (verdict.type === "unreadable") return noAnswer(`${status}, and the connection broke before the answer`);
    if (verdict.type === "stranger") return notStatewave(`${status} ${verdict.why}`);
    if (verdict.missing.length > 0 && !this.#reportedMissing) {
      this.#reportedMissing = true;
      this.#options.logger.warn("the answer of Statewave lacks fields that every known version sends", {
        sink: this.description,
        missing: verdict.missing,
      });
    }
    return { type: "accepted" };
  }
}

const timedOut = new Error("no answer in time");

interface Exchange extends Pick<PostRequest, "body" | "isEnough"> {
  readonly requestId: string;
  readonly timeoutMs: number;
}

interface Post {
  readonly body: string;
  readonly requestId: string;
  readonly items: number;
  readonly needsWhole: boolean;
}

interface PostOutcome {
  readonly result: SendResult;
  readonly status: string;
  readonly answer?: Answer;
}

function noAnswer(reason: string): Extract<SendResult, { readonly type: "failed" }> {
  return { type: "failed", reason, suspect: false };
}

/** The system's code of what went wrong. Messages are left out: the fetch of an embedder may put anything into them. */
function errorCode(error: unknown): string {
  return (
    systemCodeOf(error) ?? (error instanceof Error && /^[A-Z][A-Za-z]{2,39}$/.test(error.name) ? error.name : "unknown error")
  );
}

function requestHeaders({
  credentials,
  apiKey,
  tenantId,
  tenantHeader,
  userAgent,
}: StatewaveSinkOptions): Record<string, string> {
  const headers: Record<string, string> = {
    "content-type": "application/json",
    accept: "application/json",
    // The answer is read as it comes: a proxy must not compress it.
    "accept-encoding": "identity",
    "user-agent": userAgent,
  };
  if (apiKey !== undefined) headers["x-api-key"] = headerValue("api_key", apiKey.reveal());
  if (tenantId !== undefined) headers[headerName(tenantHeader)] = headerValue("tenant_id", tenantId);
  // For a proxy that asks for it; Statewave itself reads only its own headers.
  if (credentials !== undefined) headers["authorization"] = `Basic ${Buffer.from(credentials.reveal()).toString("base64")}`;
  return headers;
}

function headerName(name: string): string {
  if (/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) return name.toLowerCase();
  throw new ConnectorsError({
    code: "SINK_CONFIG_INVALID",
    message: `tenant_header ${JSON.stringify(name)} is not a header name`,
    hint: "use letters, digits and -, as in the default X-Tenant-ID",
  });
}

/** A mounted secret often ends with a newline; any other control character would break the request. */
function headerValue(option: string, value: string): string {
  const trimmed = value.trim();
  if (/^[\x20-\x7e\x80-\xff]+$/.test(trimmed)) return trimmed;
  throw new ConnectorsError({
    code: "SINK_CONFIG_INVALID",
    message: `${option} ${trimmed === "" ? "is empty" : "contains a character that a header cannot carry"}`,
    hint: `check [statewave] ${option}`,
  });
}
