import type { Clock } from "@statewave-connectors/connector-sdk";
import type { ServerExchange, StatewaveServer } from "../sinks/statewave/statewave-server.ts";
import { toAskError } from "./ask-error.ts";
import { readContext, readSubjects, type ServedContext } from "./read-context.ts";

/** An embedding provider, and a large subject, take their time. */
const contextTimeoutMs = 60_000;
const subjectsTimeoutMs = 10_000;
/** The most that the server lists at a time. */
const mostSubjects = 200;

export interface ContextRequest {
  /** As Statewave knows it. */
  readonly subject: string;
  readonly text: string;
  readonly budgetTokens: number;
}

/** Statewave's routes that show what it remembers. */
export class AskClient {
  readonly #server: Pick<StatewaveServer, "exchange" | "description">;
  readonly #clock: Clock;

  constructor(server: Pick<StatewaveServer, "exchange" | "description">, clock: Clock) {
    this.#server = server;
    this.#clock = clock;
  }

  /** Throws a `SINK_` error for whatever is no context. */
  async context({ subject, text, budgetTokens }: ContextRequest, signal: AbortSignal): Promise<ServedContext> {
    const body = JSON.stringify({ subject_id: subject, task: text, max_tokens: budgetTokens });
    const request = { method: "POST", path: "/v1/context", body, timeoutMs: contextTimeoutMs } as const;
    return this.#read(await this.#server.exchange(request, signal), readContext, signal);
  }

  /** The subjects that the server has, the first 200; undefined when it lists none. Throws as above. */
  async subjects(signal: AbortSignal): Promise<readonly string[] | undefined> {
    const path = `/v1/subjects?limit=${mostSubjects}`;
    const exchange = await this.#server.exchange({ method: "GET", path, timeoutMs: subjectsTimeoutMs }, signal);
    if (exchange.type === "answered" && [404, 405].includes(exchange.answer.status)) return undefined;
    return this.#read(exchange, readSubjects, signal);
  }

  #read<Value>(exchange: ServerExchange, read: (body: string) => Value | undefined, signal: AbortSignal): Value {
    signal.throwIfAborted();
    const value = isSuccess(exchange) ? read(exchange.answer.body) : undefined;
    if (value === undefined) throw toAskError(exchange, this.#server.description, this.#clock.now());
    return value;
  }
}

function isSuccess(exchange: ServerExchange): exchange is Extract<ServerExchange, { readonly type: "answered" }> {
  return exchange.type === "answered" && exchange.answer.status >= 200 && exchange.answer.status < 300;
}
