import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import { foreign, type Html, html } from "../html.ts";
import { hrefWith } from "./pager.ts";

const rowsPerPage = 50;

/** Which part of an inbox or of the dead letters the address names. One more row is read, to know whether there are further ones. */
export interface ListQuery {
  readonly source?: SourceKey;
  readonly after?: string;
  readonly limit: number;
}

export function listQueryOf({ searchParams }: URL): ListQuery {
  const source = parseSourceKey(searchParams.get("source") ?? "");
  const after = searchParams.get("after");
  return { limit: rowsPerPage + 1, ...(source === undefined ? {} : { source }), ...(after === null ? {} : { after }) };
}

/** The rows to show, and the key of the last one where there are further ones. */
export function splitPage<Row extends { readonly key: string }>(read: readonly Row[]) {
  const rows = read.slice(0, rowsPerPage);
  return { rows, lastKey: read.length > rowsPerPage ? rows.at(-1)?.key : undefined };
}

/** Whether the address names a source that can be none. */
export function namesNoSource({ searchParams }: URL): boolean {
  const source = searchParams.get("source");
  return source !== null && parseSourceKey(source) === undefined;
}

/** What stands in place of a list without rows. */
export function emptyText({ searchParams }: URL, none: string): string {
  if (searchParams.has("after")) return "Nothing follows.";
  return searchParams.has("source") ? "This source has none." : none;
}

/** Says that only one source is shown. */
export function sourceFilter(url: URL): Html {
  const source = url.searchParams.get("source");
  if (source === null) return html``;
  return html`<p>
    Only of ${foreign(source)}. <a href="${hrefWith(url, { source: undefined, after: undefined })}">Show all</a>
  </p>`;
}
