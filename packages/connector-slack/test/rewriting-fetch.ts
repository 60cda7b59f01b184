import type { Json } from "../src/testing/workspace.ts";

/** Changes the body of an answer; undefined leaves it. */
export type Rewrite = (method: string, body: Json, params: URLSearchParams) => Json | undefined;

/** A network on which Slack's answers are other than the fake gives them. */
export function rewritingFetch(rewrite: Rewrite): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await globalThis.fetch(input, init);
    const url = input instanceof Request ? input.url : String(input);
    const body = (await response.json()) as Json;
    const sent = typeof init?.body === "string" ? init.body : "";
    const rewritten = rewrite(url.slice(url.lastIndexOf("/") + 1), body, new URLSearchParams(sent));
    return Response.json(rewritten ?? body, { headers: { "x-oauth-scopes": response.headers.get("x-oauth-scopes") ?? "" } });
  };
}

/** The answer without Slack's cursor, which says that there is more all the same. */
export function withoutCursor(body: Json): Json {
  return { ...body, response_metadata: { next_cursor: "" } };
}
