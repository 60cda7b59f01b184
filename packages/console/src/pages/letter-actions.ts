import { type ActionResult, lettersBefore } from "@statewave-connectors/runner/actions";
import type { ConsoleOperations } from "@statewave-connectors/runner/console";
import type { RetryReport } from "@statewave-connectors/runner/operations";
import { foreign, type Html, html } from "../html.ts";
import { amount } from "../parts/chart.ts";
import { resultWithin } from "../result-within.ts";
import type { ConsolePage, Visit } from "../visit.ts";
import { refusalPage } from "./problem.ts";

/** What can be done with letters. */
const actions = {
  retry: { verb: "Retry", what: "Events and episodes go back into the queue; items are mapped and delivered at once." },
  discard: { verb: "Discard", what: "They are forgotten for good." },
} as const;

type Action = keyof typeof actions;

/** Items are mapped and delivered one by one, and a server cuts a connection that is silent for two minutes. */
const answerWithinMs = 20_000;

/** A form around letters, with a button for each action. Nothing happens before the page that it leads to. */
export function actionForm({ formToken }: Visit, letters: Html): Html {
  return html`<form method="post" action="/console/letters/act">
    <input type="hidden" name="form_token" value="${formToken}" />
    ${letters}
    <p class="actions">
      <button name="action" value="retry">Retry…</button>
      <button name="action" value="discard">Discard…</button>
    </p>
  </form>`;
}

/** Shows how many letters are meant, and when that is confirmed, acts: by the same operations as the command line, with an entry in the audit log. */
export async function actOnLetters(visit: Visit): Promise<ConsolePage> {
  const { host, form } = visit;
  if (!host.allowActions) return refusalPage(403, "Actions are allowed only with [runner.admin] allow_actions = true.");
  const keys = [...new Set(form.getAll("key"))].filter((key) => key !== "");
  const action = form.get("action");
  if ((action !== "retry" && action !== "discard") || keys.length === 0) return nothingChosen;
  return form.get("confirmed") === "yes" ? carryOut(visit, action, keys) : confirmation(visit, action, keys);
}

const nothingChosen: ConsolePage = {
  title: "Nothing chosen",
  status: 400,
  main: html`<h1>Nothing is chosen</h1>
    <p><a href="/console/letters">Choose dead letters</a>, then what to do with them.</p>`,
};

function confirmation({ formToken }: Visit, action: Action, keys: readonly string[]): ConsolePage {
  const { verb, what } = actions[action];
  const letters = counted(keys.length);
  const main = html`<h1>${verb} ${letters}?</h1>
    <p>${what}</p>
    <form method="post" action="/console/letters/act">
      <input type="hidden" name="form_token" value="${formToken}" />
      <input type="hidden" name="action" value="${action}" />
      <input type="hidden" name="confirmed" value="yes" />
      ${keys.map((key) => html`<input type="hidden" name="key" value="${key}" />`)}
      <p class="actions"><button>${verb} ${letters}</button> <a href="/console/letters">Cancel</a></p>
    </form>`;
  return { title: verb, main };
}

/** What an action did. */
interface Outcome {
  readonly title: string;
  readonly lines: readonly string[];
  /** Letters that left the list. */
  readonly count: number;
  readonly kept: RetryReport["kept"];
}

async function carryOut({ host, visitor }: Visit, action: Action, keys: readonly string[]): Promise<ConsolePage> {
  const act = action === "retry" ? retry : discard;
  const request = { command: `dead-letters ${action}`, targets: keys, visitor };
  const acting = host.act(request, () => act(host.operations, keys));
  const outcome = await resultWithin(host, answerWithinMs, acting);
  if (outcome === undefined) return underWay(keys.length);
  const { title, lines, count, kept } = outcome;
  const missing = keys.length - count - kept.length;
  const gone = missing > 0 ? [`${amount(missing)} were no longer dead letters`] : [];
  const main = html`<h1>${title}</h1>
    <ul>
      ${[...lines, ...gone].map((line) => html`<li>${line}</li>`)} ${kept.map(keptLine)}
    </ul>
    <p><a href="/console/letters">Dead letters</a></p>`;
  return { title, main };
}

function underWay(count: number): ConsolePage {
  const main = html`<h1>Under way</h1>
    <p>
      ${counted(count)} ${count === 1 ? "takes" : "take"} longer than ${answerWithinMs / 1_000} seconds. The action continues, and
      the audit log shows how it ends.
    </p>
    <p><a href="/console/audit">Audit log</a> <a href="/console/letters">Dead letters</a></p>`;
  return { title: "Under way", status: 202, main };
}

async function retry(operations: ConsoleOperations, keys: readonly string[]): Promise<ActionResult<Outcome>> {
  const before = await lettersBefore(operations, keys);
  const report = await operations.retryDeadLetters(keys);
  const { requeued, delivered, kept } = report;
  const lines = [`${amount(requeued)} put back into the queue`, `${amount(delivered)} mapped and delivered`];
  return { result: { title: "Retried", lines, count: requeued + delivered, kept }, before, after: report };
}

async function discard(operations: ConsoleOperations, keys: readonly string[]): Promise<ActionResult<Outcome>> {
  const before = await lettersBefore(operations, keys);
  const discarded = await operations.discardDeadLetters(keys);
  const lines = [`${amount(discarded)} discarded`];
  return { result: { title: "Discarded", lines, count: discarded, kept: [] }, before, after: { discarded } };
}

function keptLine({ key, message, code, hint }: RetryReport["kept"][number]): Html {
  const advice = hint === undefined ? "" : html`; ${foreign(hint)}`;
  return html`<li>${foreign(key)} is kept: ${foreign(message)} <code>${foreign(code)}</code>${advice}</li>`;
}

function counted(count: number): string {
  return count === 1 ? "one dead letter" : `${amount(count)} dead letters`;
}
