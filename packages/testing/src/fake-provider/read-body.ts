import type { IncomingMessage } from "node:http";

/** No connector sends more. */
const maxBytes = 16 * 1024 * 1024;

/** A body, or why it cannot be read: a status and words. */
export type ReadBody = { readonly body: unknown } | { readonly status: number; readonly error: string };

/** The body of a request: JSON or a form, by its content type. Undefined without one. */
export async function readBody(request: IncomingMessage): Promise<ReadBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBytes) chunks.push(chunk);
  }
  if (size === 0) return { body: undefined };
  if (size > maxBytes) return { status: 413, error: "the body is too large" };
  const text = Buffer.concat(chunks).toString("utf8");
  const type = (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase();
  if (type === "application/x-www-form-urlencoded") return { body: Object.fromEntries(new URLSearchParams(text)) };
  if (type !== "application/json") return { status: 415, error: `content-type ${type ?? ""} is not taken` };
  try {
    return { body: JSON.parse(text) as unknown };
  } catch {
    return { status: 400, error: "the body is not JSON" };
  }
}
