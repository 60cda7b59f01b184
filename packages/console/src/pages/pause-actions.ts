import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { describePause, formatEntryName } from "@statewave-connectors/runner/entries";
import type { EntryStatus } from "@statewave-connectors/runner/status";
import { foreign, type Html, html } from "../html.ts";
import { entryPath, sourceName } from "../parts/entry.ts";
import type { ConsolePage, Visit } from "../visit.ts";
import { notFound } from "./not-found.ts";
import { refusalPage } from "./problem.ts";

type Act = "pause" | "resume";

const mostReasonCharacters = 500;

/** What a pause holds, and what it leaves. */
const effects = {
  pull: "No run of it begins, and one under way ends at its next page. Nothing is lost: after the resume one run reads what is missing. A backfill of it continues.",
  push: "It answers 503, so its provider sends each webhook again later. Some providers switch off a receiver that refuses for days.",
} as const;

/** A button that leads to a question. Nothing happens before that is answered. */
export function pauseForm(entry: EntryStatus, { formToken }: Visit): Html {
  const act: Act = entry.pause === undefined ? "pause" : "resume";
  return html`<form method="post" action="/console/sources/pause">
    ${hidden(entry, act, formToken)}
    <p class="actions"><button>${act === "pause" ? "Pause…" : "Resume…"}</button></p>
  </form>`;
}

/** Shows what a pause or its end does, and when that is confirmed, does it: as the command line does, with an entry in the audit log. */
export async function changePause(visit: Visit): Promise<ConsolePage> {
  const { host, form } = visit;
  if (!host.allowActions) return refusalPage(403, "Actions are allowed only with [runner.admin] allow_actions = true.");
  const { entries } = await visit.readStatus();
  const entry = entries.find((each) => formatEntryName(each) === form.get("entry"));
  const act = form.get("action");
  if (entry === undefined || (act !== "pause" && act !== "resume"))
    return notFound("There is no such source or receiver in the configuration.");
  return form.get("confirmed") === "yes" ? carryOut(visit, act, entry) : question(visit, act, entry);
}

function question({ formToken }: Visit, act: Act, entry: EntryStatus): ConsolePage {
  const { direction, source, pause } = entry;
  const verb = act === "pause" ? "Pause" : "Resume";
  const reason = html`<label
    >Reason, for those who look at it later <input name="reason" maxlength="${mostReasonCharacters}"
  /></label>`;
  const main = html`<h1>${verb} ${sourceName(source)} <span class="none">${direction}</span>?</h1>
    ${act === "pause" ? html`<p>${effects[direction]}</p>` : ""}
    ${pause === undefined ? "" : html`<p>It is paused ${foreign(describePause(pause), mostReasonCharacters)}</p>`}
    <form method="post" action="/console/sources/pause">
      ${hidden(entry, act, formToken)}
      <input type="hidden" name="confirmed" value="yes" />
      ${act === "pause" ? reason : ""}
      <p class="actions"><button>${verb}</button> <a href="${entryPath(direction, source)}">Leave it as it is</a></p>
    </form>`;
  return { title: verb, main };
}

async function carryOut({ host, form, visitor }: Visit, act: Act, entry: EntryStatus): Promise<ConsolePage> {
  const { direction, source } = entry;
  const reason = (form.get("reason") ?? "").trim().slice(0, mostReasonCharacters);
  const changes = await host.changePauses(act, {
    entries: [{ direction, source }],
    visitor,
    ...(act === "pause" && reason !== "" && { reason }),
  });
  const isPaused = changes.some(({ after }) => after !== undefined);
  const main = html`<h1>${isPaused ? "Paused" : "Resumed"}</h1>
    ${act === "resume" && isPaused ? html`<p>It stays paused: someone else paused it at this moment.</p>` : ""}
    <p><a href="${entryPath(direction, source)}">${formatSourceKey(source)}</a></p>`;
  return { title: "Done", main };
}

function hidden(entry: EntryStatus, act: Act, formToken: string): Html {
  return html`<input type="hidden" name="form_token" value="${formToken}" />
    <input type="hidden" name="entry" value="${formatEntryName(entry)}" />
    <input type="hidden" name="action" value="${act}" />`;
}
