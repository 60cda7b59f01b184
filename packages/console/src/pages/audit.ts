import { formatActor, type RecordedAction } from "@statewave-connectors/runner/actions";
import { foreign, type Html, html } from "../html.ts";
import { badge } from "../parts/entry.ts";
import { numberedPager, pageOf } from "../parts/pager.ts";
import { when } from "../parts/time.ts";
import type { ConsolePage, Visit } from "../visit.ts";

const pageSize = 50;
/** The log holds no more. */
const mostActions = 500;
const mostTargets = 3;

/** Who changed what, the latest first. */
export async function auditPage({ host, url, nowMs }: Visit): Promise<ConsolePage> {
  const { rows, ...place } = pageOf(await host.listActions(mostActions), url.searchParams, pageSize);
  const main = html`<h1>Audit log</h1>
    <p class="remark">Who changed what, the latest first. Load the page again to see what was done since.</p>
    ${rows.length === 0 ? html`<p>No action is recorded yet.</p>` : table(rows, nowMs)} ${numberedPager(place, url)}`;
  // Not live: each look reads what every action changed.
  return { title: "Audit log", main };
}

function table(rows: readonly RecordedAction[], nowMs: number): Html {
  return html`<table>
    <caption class="hidden">
      Actions of operators
    </caption>
    <thead>
      <tr>
        <th scope="col">When</th>
        <th scope="col">Who</th>
        <th scope="col">Command</th>
        <th scope="col">Outcome</th>
        <th scope="col" class="medium">On</th>
        <th scope="col" class="wide">Reason</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (action) =>
          html`<tr id="action-${action.id}">
            <td>${when(action.atMs, nowMs)}</td>
            <td>${foreign(formatActor(action), 160)}</td>
            <th scope="row">${foreign(action.command)}</th>
            <td>${outcomeOf(action)}</td>
            <td class="medium note">${foreign(targetsOf(action))}</td>
            <td class="wide note">${foreign(action.reason ?? "")}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function outcomeOf({ outcome, error }: RecordedAction): Html {
  if (outcome === "done") return badge("good", "●", "done");
  return outcome === "begun"
    ? badge("warn", "◐", "begun")
    : html`${badge("bad", "✕", "failed")} ${foreign(error?.message ?? "")}`;
}

function targetsOf({ targets, targetCount }: RecordedAction): string {
  const shown = targets.slice(0, mostTargets);
  const more = targetCount - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
