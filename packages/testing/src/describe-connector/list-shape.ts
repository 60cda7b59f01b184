import type { GateRequest } from "../provider-gate.ts";

/** A value of a request: the name of its parameter, in the query, a form or a JSON body; or what finds it. */
export type RequestValue = string | ((request: GateRequest) => string | undefined);

/** Where a provider's answers have what a walk over a list follows. Paths are dotted: `response_metadata.next_cursor`. */
export interface ListShape {
  /** The path of the items. `""`: the answer is a list itself. An answer without is no page. */
  readonly items: string;
  /** The path of the flag that says whether there is more. */
  readonly more?: string;
  /** The path of the next page's position; `link`: the header of that name. */
  readonly next?: string;
  /** How many items a request wants. Absent: pages have one size. */
  readonly size?: RequestValue;
}

/** One page of a list, as the provider sent it. */
export interface ListAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  readonly items: readonly unknown[];
}

export function valueOf(request: GateRequest, value: RequestValue): string | undefined {
  if (typeof value === "function") return value(request);
  const inQuery = request.url.searchParams.get(value);
  if (inQuery !== null) return inQuery;
  const json = request.body.startsWith("{") ? parsed(request.body) : undefined;
  if (json === undefined) return new URLSearchParams(request.body).get(value) ?? undefined;
  const found = valueAt(json, value);
  return typeof found === "string" || typeof found === "number" ? String(found) : undefined;
}

/** The answer as a page of a list; undefined when it is none. The response stays unread. */
export async function readList(shape: ListShape, response: Response): Promise<ListAnswer | undefined> {
  if (!response.ok) return undefined;
  const body = parsed(await response.clone().text());
  const items = valueAt(body, shape.items);
  return Array.isArray(items) ? { status: response.status, headers: response.headers, body, items } : undefined;
}

export function hasMore({ more, next }: ListShape, answer: ListAnswer): boolean {
  if (more !== undefined) return valueAt(answer.body, more) === true;
  if (next === "link") return /rel="?next"?/.test(answer.headers.get("link") ?? "");
  return next !== undefined && Boolean(valueAt(answer.body, next));
}

/** The answer as it would be if there were always more, and nothing said where. */
export function claimingMore({ more, next }: ListShape, answer: ListAnswer, { url }: GateRequest): ListAnswer {
  const headers = new Headers(answer.headers);
  if (more === undefined && next === "link") headers.set("link", `<${url.href}>; rel="next"`);
  let { body } = answer;
  if (more !== undefined) body = withValue(body, more, true);
  if (next !== undefined && next !== "link") body = withValue(body, next, more === undefined ? "the same again" : null);
  return { ...answer, headers, body };
}

export function toResponse({ status, headers: sent, body }: ListAnswer): Response {
  const headers = new Headers(sent);
  for (const name of ["content-length", "content-encoding", "transfer-encoding"]) headers.delete(name);
  return Response.json(body, { status, headers });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function valueAt(body: unknown, path: string): unknown {
  if (path === "") return body;
  return path.split(".").reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), body);
}

function withValue(body: unknown, path: string, value: unknown): unknown {
  const [key = "", ...rest] = path.split(".");
  const at = isObject(body) ? body : {};
  return { ...at, [key]: rest.length === 0 ? value : withValue(at[key], rest.join("."), value) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
