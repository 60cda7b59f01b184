import { ConnectorsError } from "@statewave-connectors/connector-sdk";

/** What a rate limit without a time to come back means, and the longest one that is believed. */
const defaultWaitSeconds = 60;
const longestWaitSeconds = 86_400;

/** The error of an answer that is not 2xx. */
export function toError({ status, headers }: Response, asked: string, nowMs: number): ConnectorsError {
  const message = `Example answered ${status} to ${asked}`;
  if (status === 429) {
    const seconds = Number(headers.get("retry-after") ?? defaultWaitSeconds) || defaultWaitSeconds;
    const waitSeconds = Math.min(Math.max(seconds, 1), longestWaitSeconds);
    return new ConnectorsError({ code: "EXAMPLE_RATE_LIMITED", message, retryAtMs: nowMs + waitSeconds * 1000 });
  }
  if (status === 401 || status === 403) {
    const hint = "set `token` anew: it is wrong, expired, or lacks the scope notes:read";
    return new ConnectorsError({ code: "EXAMPLE_UNAUTHORIZED", message, hint });
  }
  return status >= 500 ? unavailable(message) : badAnswer(message);
}

/** The network, or a provider that is down. */
export function unavailable(message: string, cause?: unknown): ConnectorsError {
  return new ConnectorsError({ code: "EXAMPLE_UNAVAILABLE", message, retryable: true, cause });
}

/** An answer that the provider would not give: a proxy's page, another service. */
export function badAnswer(message: string, cause?: unknown): ConnectorsError {
  return new ConnectorsError({ code: "EXAMPLE_BAD_ANSWER", message, hint: "check `base_url`", retryable: true, cause });
}
