import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { EntryStatus } from "@statewave-connectors/runner/status";
import { type Html, html, plain } from "../html.ts";
import { amount, chart, sparkline } from "../parts/chart.ts";
import { conditionBadge, entryConditions, entryPath, noteOf, processOf, sourceName } from "../parts/entry.ts";
import { numberedPager, pageOf } from "../parts/pager.ts";
import { lasting, when } from "../parts/time.ts";
import { totals } from "../parts/totals.ts";
import { countsOf, type ConsolePage, type Visit } from "../visit.ts";

const pageSize = 100;
const counted = ["delivered", "received", "buried"] as const;

/** Every source and receiver, the worst first. */
export async function overview(visit: Visit): Promise<ConsolePage> {
  const { url, nowMs } = visit;
  const report = await visit.readStatus();
  const chosen = report.entries.filter(filterOf(url.searchParams));
  const { rows, ...place } = pageOf(chosen, url.searchParams, pageSize);
  const main = html`<h1>Sources and receivers</h1>
    ${totals(report, nowMs)}
    <div class="charts">${counted.map((each) => chart(countsOf(visit, each, "hour")))}</div>
    <p class="remark">Charts show what this process did since it started.</p>
    ${filterForm(url.searchParams)}
    <p class="remark">${amount(place.total)} of ${amount(report.entries.length)}, the worst first</p>
    ${rows.length === 0 ? html`<p>No entry matches.</p>` : table(rows, visit)} ${numberedPager(place, url)}`;
  return { title: "Sources", main, isLive: true };
}

function filterOf(query: URLSearchParams): (entry: EntryStatus) => boolean {
  const text = (query.get("q") ?? "").trim().toLowerCase();
  const state = query.get("state") ?? "";
  return ({ condition, direction, source }) =>
    (text === "" || `${direction}:${formatSourceKey(source)}`.toLowerCase().includes(text)) &&
    (state === "" || condition === state);
}

function filterForm(query: URLSearchParams): Html {
  const state = query.get("state") ?? "";
  return html`<form class="filter" method="get" action="/console/" role="search">
    <label>Name <input type="search" name="q" value="${plain(query.get("q") ?? "")}" /></label>
    <label
      >State
      <select name="state">
        <option value="">any</option>
        ${entryConditions.map((each) => html`<option value="${each}" ${each === state ? "selected" : ""}>${each}</option>`)}
      </select></label
    >
    <button>Filter</button>
  </form>`;
}

function table(rows: readonly EntryStatus[], visit: Visit): Html {
  return html`<table>
    <caption class="hidden">
      Sources and receivers
    </caption>
    <thead>
      <tr>
        <th scope="col">State</th>
        <th scope="col">Name</th>
        <th scope="col">Last success</th>
        <th scope="col" class="medium">Next due</th>
        <th scope="col" class="wide">Lag</th>
        <th scope="col" class="wide">Owner</th>
        <th scope="col" class="medium">Episodes, last hour</th>
        <th scope="col" class="medium amount">Dead letters</th>
        <th scope="col" class="wide">Note</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map((entry) => row(entry, visit))}
    </tbody>
  </table>`;
}

function row(entry: EntryStatus, visit: Visit): Html {
  const { condition, direction, source, lastSuccessMs, nextDueMs, lagMs, owner, deadLetters } = entry;
  const { nowMs } = visit;
  return html`<tr id="${direction}:${formatSourceKey(source)}">
    <td>${conditionBadge(condition)}</td>
    <th scope="row">
      <a href="${entryPath(direction, source)}">${sourceName(source)}</a> <span class="none">${direction}</span>
    </th>
    <td>${when(lastSuccessMs, nowMs)}</td>
    <td class="medium">${when(nextDueMs, nowMs)}</td>
    <td class="wide">${lagMs === undefined || lagMs === 0 ? "–" : lasting(lagMs)}</td>
    <td class="wide">${owner === undefined ? "–" : processOf(owner)}</td>
    <td class="medium">${sparkline(countsOf(visit, "delivered", "hour", source))}</td>
    <td class="medium amount">${deadLetters === 0 ? "–" : amount(deadLetters)}</td>
    <td class="wide note">${noteOf(entry, nowMs)}</td>
  </tr>`;
}
