import { formatSourceKey, parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import { type EntryStatus, isBalanced, type RunAccount } from "@statewave-connectors/runner/status";
import { foreign, type Html, html } from "../html.ts";
import { amount, chart } from "../parts/chart.ts";
import { badge, conditionBadge, noteOf, processOf, sourceName } from "../parts/entry.ts";
import { lasting, when } from "../parts/time.ts";
import { countsOf, type ConsolePage, type Visit } from "../visit.ts";
import { notFound } from "./not-found.ts";
import { pauseForm } from "./pause-actions.ts";

/** One source or receiver: how it stands, what this process did for it, and its runs. */
export async function sourcePage(visit: Visit): Promise<ConsolePage> {
  const [, direction, kind = "", name = ""] =
    /^\/console\/sources\/(pull|push)\/([^/]+)\/([^/]+)$/.exec(visit.url.pathname) ?? [];
  const source = parseSourceKey(`${decoded(kind)}/${decoded(name)}`);
  const { entries } = await visit.readStatus();
  const entry = entries.find((each) => each.direction === direction && source && isSame(each.source, source));
  if (entry === undefined) return notFound("There is no such source or receiver in the configuration.");
  const runs =
    entry.direction === "pull"
      ? html`<h2>Runs</h2>
          ${runTable(await visit.host.listRuns(entry.source), visit)}`
      : "";
  const main = html`<h1>${sourceName(entry.source)} <span class="none">${entry.direction}</span></h1>
    ${facts(entry, visit)} ${visit.host.allowActions ? pauseForm(entry, visit) : ""} ${charts(entry, visit)} ${runs}`;
  return { title: formatSourceKey(entry.source), main, isLive: true };
}

function isSame(left: EntryStatus["source"], right: EntryStatus["source"]): boolean {
  return formatSourceKey(left) === formatSourceKey(right);
}

/** As it is, where it is no encoding. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function facts(entry: EntryStatus, { nowMs }: Visit): Html {
  const { condition, direction, source, lastSuccessMs, nextDueMs, lagMs, cursorAgeMs, owner, deadLetters } = entry;
  const query = `source=${encodeURIComponent(formatSourceKey(source))}`;
  const isPull = direction === "pull";
  return html`<dl class="totals">
    <div>
      <dt>State</dt>
      <dd>${conditionBadge(condition)} ${noteOf(entry, nowMs)}</dd>
    </div>
    <div>
      <dt>${isPull ? "Last success" : "Last webhook"}</dt>
      <dd>${when(lastSuccessMs, nowMs)}</dd>
    </div>
    ${
      isPull
        ? html`<div>
              <dt>Next due</dt>
              <dd>${when(nextDueMs, nowMs)}</dd>
            </div>
            <div>
              <dt>Lag</dt>
              <dd>${lagMs === undefined || lagMs === 0 ? "none" : lasting(lagMs)}</dd>
            </div>
            <div>
              <dt>Cursor</dt>
              <dd>${cursorAgeMs === undefined ? "none stored" : `${lasting(cursorAgeMs)} old`}</dd>
            </div>
            <div>
              <dt>Owner</dt>
              <dd>${owner === undefined ? "no process runs it now" : processOf(owner)}</dd>
            </div>`
        : html`<div>
            <dt>Inbox</dt>
            <dd><a href="/console/inbox?${query}">what waits</a></dd>
          </div>`
    }
    <div>
      <dt>Dead letters</dt>
      <dd><a href="/console/letters?${query}">${amount(deadLetters)}</a></dd>
    </div>
  </dl>`;
}

function charts({ source, direction }: EntryStatus, visit: Visit): Html {
  const received = direction === "push" ? chart(countsOf(visit, "received", "hour", source)) : "";
  return html`<h2>Activity of this process</h2>
    <div class="charts">
      ${chart(countsOf(visit, "delivered", "hour", source))} ${chart(countsOf(visit, "delivered", "day", source))} ${received}
    </div>`;
}

function runTable(runs: readonly RunAccount[], visit: Visit): Html {
  if (runs.length === 0) return html`<p>It has not run yet.</p>`;
  return html`<table>
    <caption class="hidden">
      Runs, the latest first
    </caption>
    <thead>
      <tr>
        <th scope="col">Outcome</th>
        <th scope="col">Began</th>
        <th scope="col" class="medium">Due</th>
        <th scope="col" class="amount">Took</th>
        <th scope="col" class="medium amount">Fetched</th>
        <th scope="col" class="wide amount">Skipped</th>
        <th scope="col" class="wide amount">Failed</th>
        <th scope="col" class="amount">Delivered</th>
        <th scope="col" class="medium amount">Buried</th>
        <th scope="col" class="wide">Note</th>
      </tr>
    </thead>
    <tbody>
      ${runs.map((run) => runRow(run, visit))}
    </tbody>
  </table>`;
}

function runRow(run: RunAccount, { nowMs }: Visit): Html {
  const { startedAtMs, dueMs, durationMs, fetched, skipped, failed, delivered, buried } = run;
  return html`<tr>
    <td>${outcomeBadge(run)}</td>
    <td>${when(startedAtMs, nowMs)}</td>
    <td class="medium">${when(dueMs, nowMs)}</td>
    <td class="amount">${lasting(durationMs)}</td>
    <td class="medium amount">${amount(fetched)}</td>
    <td class="wide amount">${amount(skipped)}</td>
    <td class="wide amount">${amount(failed)}</td>
    <td class="amount">${amount(delivered)}</td>
    <td class="medium amount">${amount(buried)}</td>
    <td class="wide note">${runNote(run, nowMs)}</td>
  </tr>`;
}

function outcomeBadge({ outcome, reason }: RunAccount): Html {
  const looks = {
    running: ["calm", "▶"],
    done: ["good", "●"],
    partial: ["calm", "◐"],
    failed: ["bad", "✕"],
    killed: ["bad", "✕"],
  };
  const [className = "calm", shape = "○"] = looks[outcome] ?? [];
  return badge(className, shape, reason === undefined ? outcome : `${outcome}: ${reason}`);
}

function runNote(run: RunAccount, nowMs: number): Html {
  const { error, runs, sinceMs, resumed, openItems } = run;
  const parts = [
    ...(isBalanced(run) || run.outcome === "running" ? [] : [html`<strong>does not balance</strong>`]),
    ...(error === undefined ? [] : [html`${foreign(error.message)} <code>${foreign(error.code)}</code>`]),
    ...(runs > 1 ? [html`${amount(runs)} runs without news since ${when(sinceMs, nowMs)}`] : []),
    ...(resumed ? [html`resumed`] : []),
    ...(openItems > 0 ? [html`${amount(openItems)} more are read again`] : []),
  ];
  return html`${parts.map((part, index) => (index === 0 ? part : html`; ${part}`))}`;
}
