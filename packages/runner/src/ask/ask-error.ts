import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { type SinkAnswer, classifyAnswer, notStatewave } from "../sinks/statewave/classify-answer.ts";
import { silenceHint } from "../sinks/statewave/silence-hint.ts";
import type { ServerExchange } from "../sinks/statewave/statewave-server.ts";

const logHint = "look at the log of Statewave, or of the proxy in front of it";

/** Why a request for a context has none. Holds nothing that the server echoed. */
export function toAskError(exchange: ServerExchange, server: string, nowMs: number): ConnectorsError {
  if (exchange.type === "answered") return answeredError(exchange.answer, server, nowMs);
  const { reason, hint = silenceHint(reason) } = exchange;
  return new ConnectorsError({
    code: "SINK_UNREACHABLE",
    message: `${server} cannot be reached: ${reason}`,
    hint,
    retryable: true,
  });
}

function answeredError(answer: SinkAnswer, server: string, nowMs: number): ConnectorsError {
  const result = classifyAnswer(answer, nowMs);
  switch (result.type) {
    case "accepted":
      return answer.isWhole === false ? brokenOff(server) : stopped(server, notStatewave(`${answer.status} without a context`));
    case "stopped":
      return stopped(server, result);
    case "limited":
      return failed(server, "429: the request limit is reached", `wait ${Math.ceil(result.retryAfterMs / 1000)} s`, {
        retryAtMs: nowMs + result.retryAfterMs,
      });
    case "refused":
      return failed(server, result.reason, logHint, { retryable: false });
    case "failed":
      return failed(server, result.reason, logHint, { retryable: true });
  }
}

interface SinkRefusal {
  readonly code?: string;
  readonly reason: string;
  readonly hint?: string;
}

function stopped(server: string, { code = "SINK_STOPPED", reason, hint = logHint }: SinkRefusal): ConnectorsError {
  return new ConnectorsError({ code, message: `${server} refuses the question: ${reason}`, hint });
}

function failed(
  server: string,
  reason: string,
  hint: string,
  again: { readonly retryable: boolean } | { readonly retryAtMs: number },
): ConnectorsError {
  return new ConnectorsError({ code: "SINK_ASK_FAILED", message: `${server} gives no context: ${reason}`, hint, ...again });
}

function brokenOff(server: string): ConnectorsError {
  const reason = "the answer broke off, or has more than 4 MB";
  return failed(server, reason, "run the command again, or with a smaller `--budget`", { retryable: true });
}
