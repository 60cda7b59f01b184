import type { ListedLetter } from "@statewave-connectors/runner/operations";
import { foreign, type Html, html, shownJson } from "../html.ts";
import { sourceName } from "../parts/entry.ts";
import { emptyText, listQueryOf, namesNoSource, sourceFilter, splitPage } from "../parts/list-query.ts";
import { keyedPager } from "../parts/pager.ts";
import { when } from "../parts/time.ts";
import type { ConsolePage, Visit } from "../visit.ts";
import { contentHidden } from "./inbox.ts";
import { actionForm } from "./letter-actions.ts";
import { notFound } from "./not-found.ts";

/** What could not be delivered, the oldest first. */
export async function lettersPage(visit: Visit): Promise<ConsolePage> {
  const { host, url } = visit;
  if (namesNoSource(url)) return notFound("A source is named kind/name.");
  const { rows, lastKey } = splitPage(await host.operations.listDeadLetters({ ...listQueryOf(url), about: true }));
  const list = rows.length === 0 ? html`<p>${emptyText(url, "There is no dead letter.")}</p>` : table(rows, visit);
  const main = html`<h1>Dead letters</h1>
    <p class="remark">
      What cannot be delivered as it is, the oldest first. Each is kept until someone retries or discards it. Load the page again
      to see what has changed.
    </p>
    ${sourceFilter(url)} ${host.allowActions && rows.length > 0 ? actionForm(visit, list) : list} ${keyedPager(lastKey, url)}`;
  // Not live: each look reads whole letters.
  return { title: "Dead letters", main };
}

function table(rows: readonly ListedLetter[], { host, nowMs }: Visit): Html {
  const { allowActions } = host;
  return html`<table>
    <caption class="hidden">
      Dead letters
    </caption>
    <thead>
      <tr>
        ${allowActions ? html`<th scope="col"><span class="hidden">Chosen</span></th>` : ""}
        <th scope="col">Source</th>
        <th scope="col">Reason</th>
        <th scope="col" class="medium">Buried</th>
        <th scope="col" class="medium">Type</th>
        <th scope="col" class="wide">Id</th>
        <th scope="col" class="wide">Subject</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ key, source, reason, buriedAtMs, type, about = {} }) =>
          html`<tr id="letter-${key}">
            ${allowActions ? html`<td><input type="checkbox" name="key" value="${key}" aria-label="${`letter ${key}`}" /></td>` : ""}
            <th scope="row">
              ${allowActions ? html`<a href="${letterPath(key)}">${sourceName(source)}</a>` : sourceName(source)}
            </th>
            <td class="note">${foreign(reason)}</td>
            <td class="medium">${when(buriedAtMs, nowMs)}</td>
            <td class="medium">${foreign(about.kind ?? type, 60)}</td>
            <td class="wide">${foreign(about.id ?? "–", 60)}</td>
            <td class="wide">${foreign(about.subject ?? "–", 60)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function letterPath(key: string): string {
  return `/console/letters/letter?key=${encodeURIComponent(key)}`;
}

const mostCharacters = 64 * 1024;

/** One letter with what was buried. */
export async function letterPage(visit: Visit): Promise<ConsolePage> {
  const { host, url, nowMs } = visit;
  if (!host.allowActions) return contentHidden;
  const letter = await host.operations.getDeadLetter(url.searchParams.get("key") ?? "");
  if (letter === undefined) return notFound("No dead letter has this key: it was retried or discarded, or never was.");
  const { key, source, reason, buriedAtMs, type, item } = letter;
  const content = html`<input type="hidden" name="key" value="${key}" />
    <pre tabindex="0" aria-label="Content">${shownJson(item ?? null, mostCharacters)}</pre>`;
  const main = html`<h1>Dead letter of ${sourceName(source)}</h1>
    <p class="problem">${foreign(reason, 4_000)}</p>
    <p>${foreign(type)}, buried ${when(buriedAtMs, nowMs)}; key <code>${foreign(key)}</code></p>
    ${actionForm(visit, content)}`;
  return { title: "Dead letter", main };
}
