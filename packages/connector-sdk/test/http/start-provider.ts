import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { ProviderClient, type ProviderOptions } from "../../src/http/index.ts";
import { HandClock } from "../hand-clock.ts";

/** What a provider answers: JSON unless `body` is a text. */
export interface PlannedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export type Handler = (request: SeenRequest, response: ServerResponse) => PlannedAnswer | undefined;

/** A real server on loopback that ends with the test, and the requests that it received. `undefined`: the handler answers by itself, or never. */
export async function startProvider(handler: Handler) {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => void answer(request, response));
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += String(chunk);
    const asked = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body };
    seen.push(asked);
    const planned = handler(asked, response);
    if (planned === undefined) return;
    const text = typeof planned.body === "string" ? planned.body : JSON.stringify(planned.body ?? {});
    response.writeHead(planned.status ?? 200, planned.headers).end(planned.status === 304 ? undefined : text);
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  onTestFinished(close);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, seen, close };
}

export const entry = '[[pull.acme]] name = "main"';

/** A client of a provider called Acme, on a clock that stands at 2026-01-01. */
export function openClient(baseUrl: string, options: Partial<ProviderOptions> & { readonly clock?: HandClock } = {}) {
  const { clock = clockAt2026(), ...rest } = options;
  const context = { clock, fetch: globalThis.fetch, random: () => 0 };
  return { clock, client: new ProviderClient({ provider: "Acme", codePrefix: "ACME", entry, baseUrl, context, ...rest }) };
}

export const nowMs = Date.UTC(2026, 0, 1);

export function clockAt2026(): HandClock {
  const clock = new HandClock();
  clock.nowMs = nowMs;
  return clock;
}

export const signal = new AbortController().signal;

/** A provider with one plan for every request, and a client of it. */
export async function openProvider(
  plan: PlannedAnswer | Handler,
  options: Partial<ProviderOptions> & { readonly clock?: HandClock } = {},
) {
  const provider = await startProvider(typeof plan === "function" ? plan : () => plan);
  return { provider, ...openClient(provider.url, options) };
}

/** What a promise is rejected with. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => "nothing was thrown",
    (error: unknown) => error,
  );
}
