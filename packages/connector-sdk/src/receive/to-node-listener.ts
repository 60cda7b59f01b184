import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { bodyAlreadyRead } from "./read-request-body.ts";

/** Answers a fetch `Request`, as `runner.fetch` and what `toFetchHandler` returns do. */
export type FetchHandler = (request: Request) => Promise<Response>;

/** A listener for node:http; also a middleware for Express and its kin that answers every request. */
export type NodeListener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/**
 * A fetch handler as a listener of node:http, for servers that have no `Request`: Express, Fastify's raw pair, plain `createServer`.
 * The body must still be unread, or kept whole as a Buffer or a string in `body`: a parsed one is refused with `PUSH_BODY_READ`.
 *
 * @example app.use("/connectors", toNodeListener(runner.fetch)); // before app.use(express.json())
 */
export function toNodeListener(handler: FetchHandler): NodeListener {
  return (incoming, outgoing) => void answer(handler, incoming, outgoing);
}

async function answer(handler: FetchHandler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const gone = new AbortController();
  outgoing.once("close", () => gone.abort());
  try {
    const request = toRequest(incoming, gone.signal);
    const response = request === undefined ? new Response(null, { status: 400 }) : await handler(request);
    const body = Buffer.from(await response.arrayBuffer());
    if (outgoing.headersSent || outgoing.destroyed) return;
    // Without this a client that still sends would have its next bytes taken for another request.
    if (!incoming.complete) outgoing.setHeader("connection", "close");
    const headers: Record<string, string | number> = Object.fromEntries(response.headers);
    // RFC 9110 §8.6: a 204 has no length, and a 304's would be that of something else.
    if (response.status !== 204 && response.status !== 304) headers["content-length"] ??= body.byteLength;
    outgoing.writeHead(response.status, headers);
    outgoing.end(incoming.method === "HEAD" ? undefined : body);
  } catch {
    // The handlers of this product answer their own failures.
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(500).end();
  }
}

/** Undefined: fetch has no such request. */
function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request | undefined {
  const { method = "GET", url = "/" } = incoming;
  // The Host header is not verified, and no receiver reads it.
  const target = URL.parse(url.startsWith("/") ? `http://localhost${url}` : url);
  if (target === null) return undefined;
  try {
    const headers = new Headers();
    for (const [name, value] of Object.entries(incoming.headersDistinct)) {
      for (const each of value ?? []) headers.append(name, each);
    }
    const body = method === "GET" || method === "HEAD" ? null : bodyOf(incoming, method, target.pathname);
    // Node requires `duplex` with a stream; not all of its types declare it.
    return new Request(target, { method, headers, body, signal, duplex: "half" } as RequestInit);
  } catch {
    return undefined;
  }
}

function bodyOf(incoming: IncomingMessage & { readonly body?: unknown }, method: string, path: string): RequestInit["body"] {
  const { body } = incoming;
  if (typeof body === "string") return body;
  if (body instanceof Uint8Array) return new Uint8Array(body);
  if (!incoming.readableEnded) return Readable.toWeb(incoming) as ReadableStream<Uint8Array>;
  return new ReadableStream({ start: (controller) => controller.error(bodyAlreadyRead(method, path)) });
}
