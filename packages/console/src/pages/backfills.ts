import type { BackfillView } from "@statewave-connectors/runner/operations";
import { foreign, type Html, html } from "../html.ts";
import { amount } from "../parts/chart.ts";
import { badge } from "../parts/entry.ts";
import { numberedPager, pageOf } from "../parts/pager.ts";
import { lasting, when } from "../parts/time.ts";
import type { ConsolePage, Visit } from "../visit.ts";
import { refusalPage } from "./problem.ts";

const pageSize = 50;

/** Ranges that are read again, the latest first. */
export async function backfillsPage(visit: Visit): Promise<ConsolePage> {
  const { rows, ...place } = pageOf(await visit.host.operations.listBackfills(), visit.url.searchParams, pageSize);
  const main = html`<h1>Backfills</h1>
    ${rows.length === 0 ? html`<p>There is no backfill. <code>statewave-connectors backfill</code> begins one.</p>` : table(rows, visit)}
    ${numberedPager(place, visit.url)}`;
  return { title: "Backfills", main, isLive: true };
}

function table(rows: readonly BackfillView[], visit: Visit): Html {
  const { allowActions } = visit.host;
  return html`<table>
    <caption class="hidden">
      Backfills
    </caption>
    <thead>
      <tr>
        <th scope="col">State</th>
        <th scope="col">Source</th>
        <th scope="col" class="medium">Range</th>
        <th scope="col">Progress</th>
        <th scope="col" class="medium amount">Delivered</th>
        <th scope="col" class="wide amount">Buried</th>
        <th scope="col" class="wide">Changed</th>
        <th scope="col" class="wide">Note</th>
        ${allowActions ? html`<th scope="col"><span class="hidden">Actions</span></th>` : ""}
      </tr>
    </thead>
    <tbody>
      ${rows.map((view) => row(view, visit))}
    </tbody>
  </table>`;
}

function row(view: BackfillView, { nowMs, host, formToken }: Visit): Html {
  const { id, source, since, until, stream, delivered, buried, failed, updatedAtMs } = view;
  const canEnd = host.allowActions && (view.status === "open" || view.status === "stopped" || view.status === "failed");
  return html`<tr id="backfill-${id}">
    <td>${stateOf(view)}</td>
    <th scope="row">${foreign(source)}${stream === undefined ? "" : html`, ${foreign(stream)}`}</th>
    <td class="medium">${foreign(since)} to ${foreign(until)}</td>
    <td>${progressOf(view)}</td>
    <td class="medium amount">${amount(delivered)}</td>
    <td class="wide amount">${amount(buried + failed)}</td>
    <td class="wide">${when(updatedAtMs, nowMs)}</td>
    <td class="wide note">${noteOf(view, nowMs)}</td>
    ${host.allowActions ? html`<td>${canEnd ? cancelForm(id, formToken) : ""}</td>` : ""}
  </tr>`;
}

function stateOf({ status, runningIn }: BackfillView): Html {
  if (status === "open") return runningIn === undefined ? badge("warn", "◷", "waits") : badge("good", "▶", "running");
  return status === "done" ? badge("good", "●", status) : badge(status === "failed" ? "bad" : "calm", "■", status);
}

function progressOf({ remaining, status }: BackfillView): Html {
  if (remaining === undefined) return html`–`;
  const percent = Math.floor(remaining.fraction * 100);
  const left = status === "open" ? `, ${lasting(remaining.remainingMs)} left` : "";
  return html`<progress max="100" value="${percent}" aria-label="Progress"></progress> ${percent} %${left}`;
}

function noteOf({ error, pause, runningIn }: BackfillView, nowMs: number): Html {
  if (error !== undefined) return html`${foreign(error.message)} <code>${foreign(error.code)}</code>`;
  if (pause !== undefined) return html`${foreign(pause.message)}; again ${when(pause.untilMs, nowMs)}`;
  return runningIn === undefined ? html`` : html`process ${foreign(`${runningIn.host}:${runningIn.pid}`)}`;
}

function cancelForm(id: string, formToken: string): Html {
  return html`<form method="post" action="/console/backfills/cancel">
    <input type="hidden" name="form_token" value="${formToken}" />
    <input type="hidden" name="id" value="${id}" />
    <button>Cancel…</button>
  </form>`;
}

/** Shows what would end, and when that is confirmed, ends a backfill for good. */
export async function cancelBackfill({ host, form, formToken, visitor }: Visit): Promise<ConsolePage> {
  if (!host.allowActions) return refusalPage(403, "Actions are allowed only with [runner.admin] allow_actions = true.");
  const id = form.get("id") ?? "";
  if (form.get("confirmed") !== "yes") {
    const main = html`<h1>Cancel the backfill <code>${foreign(id)}</code>?</h1>
      <p>What it delivered stays delivered. It cannot be resumed.</p>
      <form method="post" action="/console/backfills/cancel">
        <input type="hidden" name="form_token" value="${formToken}" />
        <input type="hidden" name="id" value="${id}" />
        <input type="hidden" name="confirmed" value="yes" />
        <p class="actions"><button>Cancel the backfill</button> <a href="/console/backfills">Keep it</a></p>
      </form>`;
    return { title: "Cancel", main };
  }
  const view = await host.act({ command: "backfill cancel", targets: [id], visitor }, async () => {
    const found = (await host.operations.listBackfills()).find((each) => each.id === id);
    const before = found && { status: found.status, delivered: found.delivered };
    const cancelled = await host.operations.cancelBackfill(id);
    return { result: cancelled, before, after: { status: cancelled.status, delivered: cancelled.delivered } };
  });
  const main = html`<h1>Cancelled</h1>
    <p>It delivered ${amount(view.delivered)} episodes of ${foreign(view.source)}.</p>
    <p><a href="/console/backfills">Backfills</a></p>`;
  return { title: "Done", main };
}
