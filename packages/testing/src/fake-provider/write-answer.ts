import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { createGzip } from "node:zlib";
import type { ProviderFault } from "./faults.ts";
import type { ProviderAnswer } from "./routes.ts";

const mebibyte = 1024 * 1024;

/** Writes an answer, well or with a fault of its body. */
export async function writeAnswer(
  response: ServerResponse,
  { status = 200, headers = {}, body }: ProviderAnswer,
  fault?: ProviderFault,
): Promise<void> {
  const bytes = Buffer.from(body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body));
  if (fault?.type === "gzip_bomb") return await writeBomb(response, fault.mebibytes ?? 1024);
  const type = typeof body === "string" ? "text/plain; charset=utf-8" : "application/json; charset=utf-8";
  const framing = body === undefined ? {} : { "content-type": type, "content-length": bytes.length };
  response.writeHead(status, { ...framing, ...headers });
  if (fault?.type === "cut") response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
  else if (fault?.type === "slow_body") await trickle(response, bytes, fault.byteMs);
  else response.end(bytes);
}

async function trickle(response: ServerResponse, bytes: Buffer, byteMs: number): Promise<void> {
  for (const byte of bytes) {
    if (response.destroyed) return;
    response.write(Buffer.of(byte));
    await delay(byteMs, undefined, { ref: false });
  }
  response.end();
}

/** JSON, if anyone could wait for its end: one bracket and blanks. */
async function writeBomb(response: ServerResponse, mebibytes: number): Promise<void> {
  response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
  const blanks = Buffer.alloc(mebibyte, " ");
  const whole = (function* () {
    yield Buffer.from("[");
    for (let sent = 0; sent < mebibytes; sent += 1) yield blanks;
    yield Buffer.from("]");
  })();
  // The reader hangs up: that is what it should do.
  await pipeline(Readable.from(whole), createGzip(), response).catch(() => undefined);
}
