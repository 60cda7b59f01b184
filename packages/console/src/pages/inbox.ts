import type { ShownQueued } from "@statewave-connectors/runner/operations";
import { foreign, type Html, html, shownJson } from "../html.ts";
import { amount } from "../parts/chart.ts";
import { badge, sourceName } from "../parts/entry.ts";
import { emptyText, listQueryOf, namesNoSource, sourceFilter, splitPage } from "../parts/list-query.ts";
import { keyedPager } from "../parts/pager.ts";
import { when } from "../parts/time.ts";
import type { ConsolePage, Visit } from "../visit.ts";
import { notFound } from "./not-found.ts";

/** What waits, the oldest first. */
export async function inboxPage(visit: Visit): Promise<ConsolePage> {
  const { host, url } = visit;
  if (namesNoSource(url)) return notFound("A source is named kind/name.");
  const { rows, lastKey } = splitPage(await host.operations.listQueued(listQueryOf(url)));
  const main = html`<h1>Inbox</h1>
    <p class="remark">
      Webhooks that are stored and not yet delivered, the oldest first. Load the page again to see what has changed.
    </p>
    ${sourceFilter(url)} ${rows.length === 0 ? html`<p>${emptyText(url, "Nothing waits.")}</p>` : table(rows, visit)}
    ${keyedPager(lastKey, url)}`;
  // Not live: each look reads whole items.
  return { title: "Inbox", main };
}

function table(rows: readonly ShownQueued[], { nowMs, host }: Visit): Html {
  return html`<table>
    <caption class="hidden">
      Inbox items
    </caption>
    <thead>
      <tr>
        <th scope="col">State</th>
        <th scope="col">Source</th>
        <th scope="col">Accepted</th>
        <th scope="col" class="medium">Type</th>
        <th scope="col" class="medium amount">Retries</th>
        <th scope="col" class="wide">Id</th>
        <th scope="col" class="wide">Key</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (item) =>
          html`<tr id="item-${item.key}">
            <td>${stateOf(item, nowMs)}</td>
            <th scope="row">
              ${host.allowActions ? html`<a href="${itemPath(item.key)}">${sourceName(item.source)}</a>` : sourceName(item.source)}
            </th>
            <td>${when(item.acceptedAtMs, nowMs)}</td>
            <td class="medium">${foreign(item.type)}</td>
            <td class="medium amount">${amount(item.attempt)}</td>
            <td class="wide">${foreign(item.id ?? "–", 60)}</td>
            <td class="wide">${foreign(item.key, 60)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function stateOf({ isClaimed, notBeforeMs }: ShownQueued, nowMs: number): Html {
  if (isClaimed) return badge("good", "▶", "claimed");
  if (notBeforeMs === undefined || notBeforeMs <= nowMs) return badge("calm", "○", "waits");
  return html`${badge("warn", "◷", "again")} ${when(notBeforeMs, nowMs)}`;
}

function itemPath(key: string): string {
  return `/console/inbox/item?key=${encodeURIComponent(key)}`;
}

const mostCharacters = 64 * 1024;

/** One item with what it holds. */
export async function inboxItemPage({ host, url, nowMs }: Visit): Promise<ConsolePage> {
  if (!host.allowActions) return contentHidden;
  const found = await host.operations.getQueued(url.searchParams.get("key") ?? "");
  if (found === undefined) return notFound("No inbox item has this key: it is settled, or never was.");
  const { item, bodyCharacters, ...about } = found;
  const cut = bodyCharacters === undefined ? "" : html`<p>Of ${amount(bodyCharacters)} characters the beginning is shown.</p>`;
  const main = html`<h1>Inbox item of ${sourceName(about.source)}</h1>
    <p>${stateOf(found, nowMs)} accepted ${when(about.acceptedAtMs, nowMs)}; ${amount(about.attempt)} retries</p>
    ${cut}
    <pre tabindex="0" aria-label="Content">${shownJson({ ...about, item }, mostCharacters)}</pre>`;
  return { title: "Inbox item", main };
}

/** What was received may be private, and a visitor who may only look is no operator. */
export const contentHidden: ConsolePage = {
  title: "Not shown",
  status: 403,
  main: html`<h1>Not shown</h1>
    <p>What was received is shown only with <code>[runner.admin] allow_actions = true</code>.</p>`,
};
