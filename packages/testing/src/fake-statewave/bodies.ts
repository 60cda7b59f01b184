import type { IncomingMessage, ServerResponse } from "node:http";
import type { FakeAnswer } from "./ingest-routes.ts";

/** A proxy's limit; the server itself has none. */
const maxBodyBytes = 16 * 1024 * 1024;

/** The whole body, or undefined when it is larger than any proxy would pass. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
  }
  return bytes <= maxBodyBytes ? Buffer.concat(chunks, bytes) : undefined;
}

/** Answers at once. */
export function write(response: ServerResponse, { status, body, headers }: FakeAnswer): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text), ...headers });
  response.end(text);
}

/** Promises the whole body and delivers half of it. */
export function cut(response: ServerResponse, { status, body }: FakeAnswer): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.write(text.slice(0, text.length / 2), () => response.destroy());
}
