import { type Html, html } from "../html.ts";

/** A page of a list whose length is known. */
export interface NumberedPage<Row> {
  readonly rows: readonly Row[];
  readonly page: number;
  readonly pages: number;
  readonly total: number;
}

/** The rows of the page that `query` names; the nearest for one that there is not. */
export function pageOf<Row>(rows: readonly Row[], query: URLSearchParams, size: number): NumberedPage<Row> {
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const wanted = Number(query.get("page") ?? 1);
  const page = Number.isInteger(wanted) ? Math.min(Math.max(1, wanted), pages) : 1;
  return { rows: rows.slice((page - 1) * size, page * size), page, pages, total: rows.length };
}

/** Links to the pages around this one. */
export function numberedPager({ page, pages }: Omit<NumberedPage<unknown>, "rows">, url: URL): Html {
  if (pages === 1) return html``;
  const to = (number: number) => hrefWith(url, { page: number === 1 ? undefined : String(number) });
  return html`<nav class="pager" aria-label="Pages">
    ${page > 1 ? html`<a href="${to(page - 1)}" rel="prev">Previous</a>` : html`<span class="none">Previous</span>`}
    <span>Page ${page} of ${pages}</span>
    ${page < pages ? html`<a href="${to(page + 1)}" rel="next">Next</a>` : html`<span class="none">Next</span>`}
  </nav>`;
}

/** Links of a list that is read from a key on. */
export function keyedPager(lastKey: string | undefined, url: URL): Html {
  const isFirst = !url.searchParams.has("after");
  if (isFirst && lastKey === undefined) return html``;
  return html`<nav class="pager" aria-label="Pages">
    ${isFirst ? html`<span class="none">First</span>` : html`<a href="${hrefWith(url, { after: undefined })}">First</a>`}
    ${lastKey === undefined ? html`<span class="none">Next</span>` : html`<a href="${hrefWith(url, { after: lastKey })}" rel="next">Next</a>`}
  </nav>`;
}

/** The address of this page with other parameters. */
export function hrefWith(url: URL, changes: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams(url.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) query.delete(name);
    else query.set(name, value);
  }
  return query.size === 0 ? url.pathname : `${url.pathname}?${query.toString()}`;
}
