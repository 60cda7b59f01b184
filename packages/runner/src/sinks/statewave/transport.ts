import { pipeline, type Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { KeptDispatcher } from "../../network/kept-dispatcher.ts";
import { type Network, plainNetwork } from "../../network/network.ts";
import type { SinkAnswer } from "./classify-answer.ts";

export interface TransportRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of a POST. */
  readonly body?: string | Uint8Array | undefined;
  readonly signal: AbortSignal;
  /**
   * Called with the first 512 bytes of a success, one character a byte. When true, only these are kept; the rest is read away, so that the
   * connection can be used again.
   */
  readonly isEnough?: ((head: string) => boolean) | undefined;
}

/** The way a request takes. Never follows a redirect: the key would go along to another host. */
export interface Transport {
  /** Throws when no status came (network, abort); once one came it answers, whatever becomes of the body. */
  send(request: TransportRequest): Promise<SinkAnswer>;
  close(): Promise<void>;
}

/** An error is read up to this size. */
const maxErrorBytes = 64 * 1024;
/** An answer echoes a batch of at most 1 MB, and JSON may escape a character in six bytes. */
const maxEchoBytes = 4 * 1024 * 1024;
/** Of an echo, this much names the server. */
const headBytes = 512;

/** The time-out of the whole request is the sink's; undici's own are off so that there is one truth. */
const noTimeouts = { headersTimeout: 0, bodyTimeout: 0 };

/** Keep-alive through undici, which is loaded with the first request: start-up is short. */
export function undiciTransport(network: Network = plainNetwork): Transport {
  const kept = new KeptDispatcher(network);
  return {
    async send({ method, url, headers, body = null, signal, isEnough }) {
      const [undici, dispatcher] = await Promise.all([import("undici"), kept.get()]);
      const response = await undici.request(url, { ...noTimeouts, method, headers, body, signal, dispatcher });
      return toSinkAnswer({ status: response.statusCode, headers: response.headers, body: response.body }, isEnough);
    },
    close: () => kept.close(),
  };
}

/** A response as Node and undici hand it out. */
export interface NodeResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Readable;
}

/** Reads a response as far as it matters. */
export async function toSinkAnswer(
  { status, headers, body }: NodeResponse,
  isEnough: TransportRequest["isEnough"],
): Promise<SinkAnswer> {
  return {
    status,
    retryAfter: single(headers["retry-after"]),
    date: single(headers["date"]),
    ...(await readBody(decoded(body, single(headers["content-encoding"])), status, isEnough)),
  };
}

/** Through a `fetch` that the caller passed. */
export function fetchTransport(fetchImpl: typeof globalThis.fetch): Transport {
  return {
    async send({ method, url, headers, body, signal, isEnough }) {
      const text = body === undefined ? null : typeof body === "string" ? body : Buffer.from(body).toString();
      const response = await fetchImpl(url, { method, headers: { ...headers }, body: text, signal, redirect: "manual" });
      // A fetch that hides redirects reports them as status 0.
      const status = response.status === 0 ? 302 : response.status;
      return {
        status,
        retryAfter: response.headers.get("retry-after") ?? undefined,
        date: response.headers.get("date") ?? undefined,
        ...(await readBody(response.body ?? noBytes(), status, isEnough)),
      };
    },
    close: async () => undefined,
  };
}

const decoders = new Map([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["deflate", createInflate],
  ["br", createBrotliDecompress],
]);

/** Proxies compress although the request declines it. A body that cannot be decoded counts as one that broke off. */
function decoded(body: Readable, encoding: string | undefined): AsyncIterable<Uint8Array> {
  const createDecoder = decoders.get(encoding?.trim().toLowerCase() ?? "");
  // The callback takes the error, which the reader of the decoder gets too.
  return createDecoder === undefined ? body : pipeline(body, createDecoder(), () => undefined);
}

function single(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === "string" ? header : header?.[0];
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}

/** As much of the body as matters for this status. A connection that breaks in the middle leaves what arrived until then. */
async function readBody(
  stream: AsyncIterable<Uint8Array>,
  status: number,
  isEnough: TransportRequest["isEnough"],
): Promise<Pick<SinkAnswer, "body" | "isWhole">> {
  const isSuccess = status >= 200 && status < 300;
  const maxBytes = isSuccess ? maxEchoBytes : maxErrorBytes;
  const chunks: Uint8Array[] = [];
  let head: string | undefined;
  let bytes = 0;
  let isWhole = true;
  try {
    // Leaving the loop early cancels the rest.
    for await (const chunk of stream) {
      if (bytes === 0 && isSuccess) head = enoughHead(chunk, isEnough);
      if (head === undefined) chunks.push(chunk);
      bytes += chunk.byteLength;
      isWhole = bytes <= maxBytes;
      if (!isWhole) break;
    }
  } catch {
    isWhole = false;
  }
  if (head !== undefined) return { body: head, isWhole: false };
  return { body: Buffer.concat(chunks).toString("utf8", 0, maxBytes), isWhole };
}

/** The beginning of the body, when the caller needs no more of it. */
function enoughHead({ buffer, byteOffset, byteLength }: Uint8Array, isEnough: TransportRequest["isEnough"]): string | undefined {
  if (isEnough === undefined || byteLength < headBytes) return undefined;
  const head = Buffer.from(buffer, byteOffset, headBytes).toString("latin1");
  return isEnough(head) ? head : undefined;
}
