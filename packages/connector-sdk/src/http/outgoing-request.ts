import type { RequestHeaders } from "./authorizer.ts";
import type { OutgoingRequest } from "./exchange.ts";
import type { Parameters } from "./target-url.ts";

/** The body of a request. */
export type RequestBody = { readonly json: unknown } | { readonly form: Parameters };

/** Puts a request together; of headers with the same name the later ones win. Names are lower-cased. */
export function outgoingRequest(
  method: string,
  body: RequestBody | undefined,
  headers: readonly (RequestHeaders | undefined)[],
): OutgoingRequest {
  const encoded = encodeBody(body);
  const merged: Record<string, string> = {};
  for (const each of [{ accept: "application/json" }, ...headers, encoded?.headers]) {
    for (const [name, value] of Object.entries(each ?? {})) merged[name.toLowerCase()] = value;
  }
  return { method, headers: merged, ...(encoded === undefined ? {} : { body: encoded.text }) };
}

function encodeBody(body: RequestBody | undefined): { readonly text: string; readonly headers: RequestHeaders } | undefined {
  if (body === undefined) return undefined;
  if ("json" in body) return { text: JSON.stringify(body.json), headers: { "content-type": "application/json" } };
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(body.form)) {
    if (value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) form.append(name, String(each));
  }
  return { text: form.toString(), headers: { "content-type": "application/x-www-form-urlencoded" } };
}

/** The parameters that an error may name. */
export function parameterNames(url: URL, body: RequestBody | undefined): readonly string[] {
  const sent = body === undefined ? undefined : "json" in body ? body.json : body.form;
  return [...url.searchParams.keys(), ...(typeof sent === "object" && sent !== null ? Object.keys(sent) : [])];
}

/** The first header that cannot be sent. What `fetch` throws of it would quote the value. */
export function unsendableHeader(headers: RequestHeaders): string | undefined {
  return Object.entries(headers).find(([, value]) => !/^[\x20-\x7e\x80-\xff\t]*$/.test(value))?.[0];
}
