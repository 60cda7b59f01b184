import type { Clock } from "@statewave-connectors/connector-sdk";
import type { ServerExchange, StatewaveServer } from "../sinks/statewave/statewave-server.ts";
import { type CompileAnswer, judgeCompile, judgeJob } from "./compile-answer.ts";
import type { SinkAnswer } from "../sinks/statewave/classify-answer.ts";

/** A server without jobs compiles while the request waits, with a language model for minutes. */
const compileTimeoutMs = 5 * 60_000;
const jobTimeoutMs = 30_000;

/** Statewave's compile routes. Methods reject with the signal's reason only. */
export class CompileClient {
  readonly #server: Pick<StatewaveServer, "exchange">;
  readonly #clock: Clock;

  constructor(server: Pick<StatewaveServer, "exchange">, clock: Clock) {
    this.#server = server;
    this.#clock = clock;
  }

  /** Has a subject compiled. A server without jobs ignores that one is requested, and answers when it has compiled. */
  async compile(subject: string, signal: AbortSignal): Promise<CompileAnswer> {
    const body = JSON.stringify({ subject_id: subject, async: true });
    const request = { method: "POST", path: "/v1/memories/compile", body, timeoutMs: compileTimeoutMs } as const;
    return this.#judge(await this.#server.exchange(request, signal), judgeCompile, signal);
  }

  async job(id: string, signal: AbortSignal): Promise<CompileAnswer> {
    const path = `/v1/memories/compile/${encodeURIComponent(id)}`;
    const exchange = await this.#server.exchange({ method: "GET", path, timeoutMs: jobTimeoutMs }, signal);
    return this.#judge(exchange, judgeJob, signal);
  }

  #judge(
    exchange: ServerExchange,
    judge: (answer: SinkAnswer, nowMs: number) => CompileAnswer,
    signal: AbortSignal,
  ): CompileAnswer {
    if (exchange.type === "answered") return judge(exchange.answer, this.#clock.now());
    signal.throwIfAborted();
    const { status, reason, hint } = exchange;
    // A subject that takes too long must not keep others from being compiled.
    if (status === "timeout") return { type: "failed", reason };
    return { type: "unavailable", reason, ...(hint !== undefined && { hint }) };
  }
}
