import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Asset } from "./assets.ts";
import type { Html } from "./html.ts";

/** Nothing but the files of this server: no inline script or style, no frame, no other place to send a form to. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const guards = {
  "content-security-policy": policy,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  // Not `no-referrer`, which would make browsers send forms without their origin.
  "referrer-policy": "same-origin",
};

const compress = promisify(gzip);

export interface HtmlHead {
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A page, which no one on the way may keep. */
export async function sendHtml(request: Request, page: Html, { status = 200, headers = {} }: HtmlHead = {}): Promise<Response> {
  const bytes = Buffer.from(String(await page));
  const isCompressed = acceptsGzip(request);
  return new Response(isCompressed ? new Uint8Array(await compress(bytes)) : bytes, {
    status,
    headers: {
      ...guards,
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      vary: "accept-encoding",
      ...(isCompressed && { "content-encoding": "gzip" }),
      ...headers,
    },
  });
}

export function sendAsset(request: Request, { type, bytes, compressed }: Asset): Response {
  const isCompressed = acceptsGzip(request);
  return new Response(isCompressed ? compressed : bytes, {
    headers: {
      ...guards,
      "content-type": type,
      "cache-control": "public, max-age=31536000, immutable",
      vary: "accept-encoding",
      ...(isCompressed && { "content-encoding": "gzip" }),
    },
  });
}

export function redirect(location: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status: 303, headers: { ...guards, "cache-control": "no-store", location, ...headers } });
}

/** Browsers accept it without a weight. */
function acceptsGzip(request: Request): boolean {
  return /\bgzip\b(?!\s*;\s*q=0)/i.test(request.headers.get("accept-encoding") ?? "");
}
