import type { GateRequest } from "../provider-gate.ts";

/** A value of a request: the name of its parameter, in the query, a form or a JSON body; or what finds it. */
export type RequestValue = string | ((request: GateRequest) => string | undefined);

/** Where a provider's answers have what a walk over a list follows. Paths are dotted: `response_metadata.next_cursor`. */
export interface ListShape {
  /** The path of the items. `""`: the answer is a list itself. An answer without is no page. */
  readonly items: string;
  /** The path of the flag that says whether there is more. */
  readonly more?: string;
  /** The path of the flag that says that this is the last page, as `end_of_stream` does. */
  readonly end?: string;
  /** The path of the next page's position; `link`: the header of that name. */
  readonly next?: string;
  /** The position at `next` is a link, and not a cursor. */
  readonly nextIsLink?: true;
  /** How many items a request wants. Absent: pages have one size. */
  readonly size?: RequestValue;
  /** Which requests it is the form of. Default: all. For a provider whose lists look alike, and of which some are read once for each item of another. */
  readonly isFor?: (request: GateRequest) => boolean;
}

/** One page of a list, as the provider sent it. */
export interface ListAnswer {
  readonly shape: ListShape;
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

/** The shapes of a provider's lists: one for all of them, or several. */
export function shapesOf(lists: ListShape | readonly ListShape[] | undefined): readonly ListShape[] {
  if (lists === undefined) return [];
  return "items" in lists ? [lists] : lists;
}

/** The answer as a page of a list of the first of these shapes that it has; undefined when it is none. The response stays unread. */
export async function readList(shapes: readonly ListShape[], response: Response): Promise<ListAnswer | undefined> {
  if (!response.ok) return undefined;
  const body = parsed(await response.clone().text());
  for (const shape of shapes) {
    const items = valueAt(body, shape.items);
    if (Array.isArray(items)) return { shape, status: response.status, headers: response.headers, body, items };
  }
  return undefined;
}

export function hasMore({ shape: { more, end, next }, headers, body }: ListAnswer): boolean {
  if (more !== undefined) return valueAt(body, more) === true;
  if (end !== undefined) return valueAt(body, end) === false;
  if (next === "link") return /rel="?next"?/.test(headers.get("link") ?? "");
  return next !== undefined && Boolean(valueAt(body, next));
}

/** The answer as it would be if there were always more, and nothing said where. */
export function claimingMore(answer: ListAnswer, { url }: GateRequest): ListAnswer {
  const { more, end, next, nextIsLink } = answer.shape;
  const hasFlag = (more ?? end) !== undefined;
  const headers = new Headers(answer.headers);
  if (!hasFlag && next === "link") headers.set("link", `<${url.href}>; rel="next"`);
  let { body } = answer;
  if (more !== undefined) body = withValue(body, more, true);
  if (end !== undefined) body = withValue(body, end, false);
  const again = nextIsLink === true ? url.href : "the same again";
  if (next !== undefined && next !== "link") body = withValue(body, next, hasFlag ? null : again);
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
