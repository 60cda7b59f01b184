import type { Agent, request } from "undici";
import type { Answer } from "./classify-answer.ts";

export interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  /** Whether the body of a success is read; mostly it is as large as the request and tells nothing new. */
  readonly wantsEcho?: boolean;
}

/** The way a request takes. Never follows a redirect: the key would go along to another host. */
export interface Transport {
  /** Throws when no status came (network, abort); once one came it answers, whatever becomes of the body. */
  post(request: PostRequest): Promise<Answer>;
  close(): Promise<void>;
}

/** Of an error as much is read. */
const maxErrorBytes = 64 * 1024;
/** An answer echoes the batch; it is read away, so that the connection can be used again, up to here. Beyond, a new connection is cheaper. */
const maxEchoBytes = 4 * 1024 * 1024;

/** Keep-alive through undici, which is loaded with the first request: start-up is short. */
export function undiciTransport(): Transport {
  let loading: Promise<Client> | undefined;
  return {
    async post({ url, headers, body, signal, wantsEcho = false }) {
      loading ??= openClient();
      const { agent, send } = await loading;
      const response = await send(url, { method: "POST", headers, body, signal, dispatcher: agent });
      const answer = {
        status: response.statusCode,
        retryAfter: single(response.headers["retry-after"]),
        contentType: single(response.headers["content-type"]),
        date: single(response.headers["date"]),
      };
      if (isSuccess(answer.status) && wantsEcho)
        return { ...answer, body: await readHead(response.body, maxEchoBytes).catch(() => "") };
      if (isSuccess(answer.status)) {
        await response.body.dump({ limit: maxEchoBytes, signal }).catch(() => undefined);
        return { ...answer, body: "" };
      }
      return { ...answer, body: await readHead(response.body, maxErrorBytes).catch(() => "") };
    },
    async close() {
      await (await loading)?.agent.destroy();
    },
  };
}

interface Client {
  readonly agent: Agent;
  readonly send: typeof request;
}

async function openClient(): Promise<Client> {
  const undici = await import("undici");
  // The time-out of the whole request is the sink's; undici's own are off so that there is one truth.
  return { agent: new undici.Agent({ headersTimeout: 0, bodyTimeout: 0 }), send: undici.request };
}

/** Through a `fetch` that somebody handed in. */
export function fetchTransport(fetchImpl: typeof globalThis.fetch): Transport {
  return {
    async post({ url, headers, body, signal, wantsEcho = false }) {
      const response = await fetchImpl(url, { method: "POST", headers: { ...headers }, body, signal, redirect: "manual" });
      const answer = {
        // A fetch that hides redirects reports them as status 0.
        status: response.status === 0 ? 302 : response.status,
        retryAfter: response.headers.get("retry-after") ?? undefined,
        contentType: response.headers.get("content-type") ?? undefined,
        date: response.headers.get("date") ?? undefined,
      };
      const { body: stream } = response;
      if (stream === null) return { ...answer, body: "" };
      if (!isSuccess(answer.status)) return { ...answer, body: await readHead(stream, maxErrorBytes).catch(() => "") };
      if (wantsEcho) return { ...answer, body: await readHead(stream, maxEchoBytes).catch(() => "") };
      await discard(stream).catch(() => undefined);
      return { ...answer, body: "" };
    },
    close: async () => undefined,
  };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** The first bytes as text; leaving the loop early cancels the rest. */
async function readHead(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes >= maxBytes) break;
  }
  return Buffer.concat(chunks).toString("utf8", 0, maxBytes);
}

async function discard(stream: AsyncIterable<Uint8Array>): Promise<void> {
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    if (bytes >= maxEchoBytes) break;
  }
}
