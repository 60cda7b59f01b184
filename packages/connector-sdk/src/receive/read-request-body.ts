import { ConnectorsError, isConnectorsError } from "../contract/errors.ts";

/** What bounds the reading of one body. */
export interface RequestBodyLimits {
  /** A declared length above it is refused before the first byte is read. */
  readonly maxBytes: number;
  /** Called with the bytes needed so far, before they are kept; false ends the reading with `no_room`. */
  readonly reserve?: (totalBytes: number) => boolean;
  /** Ends the reading with `gone`. */
  readonly signal?: AbortSignal;
}

/** How reading the body of a fetch `Request` ended. */
export type RequestBodyReading =
  | { readonly type: "complete"; readonly body: Uint8Array }
  | { readonly type: "too_large" }
  | { readonly type: "no_room" }
  /** The client or the signal ended it. */
  | { readonly type: "gone" }
  /** Something else has read the raw bytes, so no signature can be verified. */
  | { readonly type: "unreadable"; readonly error: ConnectorsError };

/** The whole body of a request, within limits, in a buffer of its own. Never throws. */
export async function readRequestBody(request: Request, limits: RequestBodyLimits): Promise<RequestBodyReading> {
  const { maxBytes, reserve = alwaysRoom } = limits;
  const declaredBytes = declaredLength(request);
  if (declaredBytes > maxBytes) return { type: "too_large" };
  if (request.bodyUsed || request.body?.locked === true) return unreadable(request);
  if (!reserve(declaredBytes)) return { type: "no_room" };
  const reading = request.body === null ? emptyBody : await readStream(request.body, { ...limits, reserve });
  // A framework that parsed the body leaves an empty stream behind.
  if (reading.type === "complete" && reading.body.byteLength === 0 && declaredBytes > 0) return unreadable(request);
  return reading;
}

/** A delivery of Pub/Sub, the largest that is discarded, has 14 MiB. */
export const mostDiscardedBytes = 16 * 1024 * 1024;

/** Reads a body that is not wanted, up to 16 MiB, and keeps nothing of it: a client that still sends may not read its answer. Never throws. */
export async function discardRequestBody({ body, bodyUsed }: Request, signal?: AbortSignal): Promise<void> {
  if (body === null || bodyUsed || body.locked) return;
  const reader = body.getReader();
  const cancel = () => void reader.cancel().catch(() => undefined);
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    for (let left = mostDiscardedBytes; left > 0;) {
      const { done, value } = await reader.read();
      if (done) return;
      left -= value.byteLength;
    }
    cancel();
  } catch {
    // The client is gone.
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

const alwaysRoom = () => true;
const emptyBody = { type: "complete", body: new Uint8Array() } as const;

/** Servers check that it is one number; a request made by hand may say anything. */
function declaredLength(request: Request): number {
  const declared = Number(request.headers.get("content-length") ?? 0);
  return declared > 0 ? declared : 0;
}

async function readStream(
  stream: ReadableStream<Uint8Array>,
  { maxBytes, reserve, signal }: RequestBodyLimits & Required<Pick<RequestBodyLimits, "reserve">>,
): Promise<RequestBodyReading> {
  const reader = stream.getReader();
  const cancel = () => void reader.cancel().catch(() => undefined);
  const end = (type: "too_large" | "no_room" | "gone") => {
    cancel();
    return { type };
  };
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    const chunks: Uint8Array[] = [];
    let sizeBytes = 0;
    for (;;) {
      // A cancelled reader answers that it is done.
      const { done, value } = await reader.read();
      if (signal?.aborted === true) return end("gone");
      if (done) return { type: "complete", body: joinBytes(chunks, sizeBytes) };
      sizeBytes += value.byteLength;
      if (sizeBytes > maxBytes) return end("too_large");
      if (!reserve(sizeBytes)) return end("no_room");
      chunks.push(value);
    }
  } catch (error) {
    return isConnectorsError(error) ? { type: "unreadable", error } : { type: "gone" };
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

/** A buffer of its own: no shared pool stays in memory while the event waits. */
export function joinBytes(chunks: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  // Not Buffer.concat: it may cut the result out of such a pool.
  const bytes = new Uint8Array(sizeBytes);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

function unreadable({ method, url }: Request): RequestBodyReading {
  return { type: "unreadable", error: bodyAlreadyRead(method, new URL(url).pathname) };
}

/** A signature covers the raw bytes, so a body that a framework has parsed is lost for the receiver. */
export function bodyAlreadyRead(method: string, path: string): ConnectorsError {
  return new ConnectorsError({
    code: "PUSH_BODY_READ",
    message: `the body of ${method} ${path} was read before the receiver could verify it`,
    hint: "mount the receiver before the framework's body parser",
  });
}
