import type { FreshAnswer, ProviderClient } from "@statewave-connectors/connector-sdk/http";

type Listed = FreshAnswer<readonly unknown[]>;

/** Which page of a list was requested. */
export interface PageRequest {
  readonly page: number;
  readonly size: number;
}

/**
 * The number of the page behind one; undefined: it is the last. Of a link only the number is used, so that it leads nowhere else. A full
 * page without a link may be followed by another one.
 */
export function nextPage({ next, body }: Pick<Listed, "next" | "body">, { page, size }: PageRequest): number | undefined {
  if (next === undefined) return body.length >= size ? page + 1 : undefined;
  const linked = Number(URL.parse(next)?.searchParams.get("page") ?? Number.NaN);
  return Number.isSafeInteger(linked) ? linked : page + 1;
}

/** Whether a list that is read by its numbers has another page. */
export function hasNextPage(client: ProviderClient, answer: Listed, request: PageRequest): boolean {
  const next = nextPage(answer, request);
  if (next !== undefined && next !== request.page + 1)
    throw client.badAnswer(answer, `links from page ${request.page} to page ${next}`);
  return next !== undefined;
}
