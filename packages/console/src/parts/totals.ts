import type { OverallCondition, StatusReport } from "@statewave-connectors/runner/status";
import { foreign, type Html, html } from "../html.ts";
import { amount } from "./chart.ts";
import { badge } from "./entry.ts";
import { when } from "./time.ts";

const verdicts: Readonly<Record<OverallCondition, Html>> = {
  well: badge("good", "●", "all is well"),
  attention: badge("warn", "▲", "needs attention"),
  failing: badge("bad", "✕", "failing"),
};

/** The sum of everything: the verdict, the sinks of the processes, the inbox. */
export function totals({ condition, inbox, processes, entries }: StatusReport, nowMs: number): Html {
  return html`<dl class="totals">
    <div>
      <dt>State</dt>
      <dd>${verdicts[condition]}</dd>
    </div>
    <div>
      <dt>Entries</dt>
      <dd>${amount(entries.length)}</dd>
    </div>
    <div>
      <dt>Inbox</dt>
      <dd>${inboxText(inbox, nowMs)}</dd>
    </div>
    <div>
      <dt>Dead letters</dt>
      <dd>${inbox === undefined ? "unknown" : html`<a href="/console/letters">${amount(inbox.deadLetters)}</a>`}</dd>
    </div>
    <div class="wide">
      <dt>Processes</dt>
      <dd>
        ${
          processes.length === 0
            ? noProcess
            : html`<ul>
                ${processes.map((each) => processLine(each, nowMs))}
              </ul>`
        }
      </dd>
    </div>
  </dl>`;
}

const noProcess = html`none has given a sign of life in the last minute`;

function inboxText(inbox: StatusReport["inbox"], nowMs: number): Html {
  if (inbox === undefined) return html`cannot be read`;
  const { depth, oldestAcceptedAtMs } = inbox;
  const oldest = oldestAcceptedAtMs === undefined ? "" : html`, the oldest ${when(oldestAcceptedAtMs, nowMs)}`;
  return html`<a href="/console/inbox">${amount(depth)} waiting</a>${oldest}`;
}

function processLine({ host, pid, version, startedAtMs, sink }: StatusReport["processes"][number], nowMs: number): Html {
  const isUp = sink.status === "up";
  const state = badge(isUp ? "good" : sink.status === "unknown" ? "calm" : "bad", isUp ? "●" : "▲", `sink ${sink.status}`);
  const why = sink.reason === undefined ? "" : html`: ${foreign(sink.reason)}`;
  return html`<li>
    ${foreign(`${host}:${pid}`)} (${foreign(version)}), started ${when(startedAtMs, nowMs)}; ${state} ${foreign(sink.label)}${why}
  </li>`;
}
