import type { Episode } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import { readPayload, type RepositoryEvent } from "../webhook/delivery.ts";
import { id, instant, optionalText, text, url } from "../rows.ts";
import { authorship, insiderOf, loginOf } from "./author.ts";
import { pointer, toEpisode } from "./episode-parts.ts";
import { firstLine, placeOf } from "./first-line.ts";

const former = v.fallback(v.optional(v.object({ from: optionalText })), undefined);
const milestoneThing = v.object({
  milestone: v.object({
    number: id,
    title: text,
    description: optionalText,
    open_issues: v.fallback(v.number(), 0),
    closed_issues: v.fallback(v.number(), 0),
    created_at: instant,
    updated_at: instant,
    closed_at: v.fallback(v.nullish(instant), null),
    due_on: v.fallback(v.nullish(instant), null),
    html_url: url,
  }),
  changes: v.fallback(v.object({ title: former, description: former, due_on: former }), {}),
});

type Thing = v.InferOutput<typeof milestoneThing>;

const verbs: ReadonlyMap<string, string> = new Map([["opened", "reopened"]]);

/** A milestone was set, changed, reached or given up. */
export function milestoneEpisodes(event: RepositoryEvent): readonly Episode[] {
  const thing = readPayload(milestoneThing, event);
  const { milestone: row, changes } = thing;
  const { repository, sender, action = "" } = event;
  if (action === "edited" && [changes.title, changes.description, changes.due_on].every((change) => change === undefined))
    return [];
  const verb = verbs.get(action) ?? action;
  const kind = `github.milestone.${verb}`;
  const { at, discriminator } = timeOf(event, thing);
  const say = (place: string) => `${loginOf(sender)} ${verb} milestone ${row.number} ${place}`;
  return [
    toEpisode(repository, {
      kind,
      line: firstLine(placeOf(repository.fullName), row.title, say),
      body: bodyOf(action, thing),
      at,
      title: row.title,
      session: `milestone-${row.number}`,
      author: insiderOf(sender),
      ...(action === "closed" && { outcome: { status: "closed", reason: progressOf(row) } }),
      source: pointer("github.milestone", `${repository.fullName}/milestone/${row.number}`, row.html_url),
      keyParts: ["milestone", row.number, kind, ...discriminator],
      metadata: {
        milestone: row.number,
        ...(row.due_on !== null && row.due_on !== undefined && { due_on: row.due_on }),
        ...authorship(sender),
      },
    }),
  ];
}

/** A creation and a deletion happen once; the payload of a deletion has no time of it. */
function timeOf({ action, receivedAt }: RepositoryEvent, { milestone: row }: Thing) {
  if (action === "created") return { at: row.created_at, discriminator: [] };
  if (action === "deleted") return { at: receivedAt, discriminator: [] };
  const at = action === "closed" ? (row.closed_at ?? row.updated_at) : row.updated_at;
  return { at, discriminator: action === "edited" ? [at, row.title, row.description, row.due_on ?? ""] : [at] };
}

function bodyOf(action: string, { milestone: row, changes }: Thing): string {
  const due = row.due_on === null || row.due_on === undefined ? "" : `Due on ${row.due_on.slice(0, 10)}.`;
  if (action !== "created" && action !== "edited") return [progressOf(row), due].filter(Boolean).join(" ");
  const renamed = changes.title === undefined ? "" : `Formerly "${changes.title.from}".`;
  return [renamed, due, row.description].filter(Boolean).join(" ");
}

function progressOf({ open_issues: open, closed_issues: closed }: Thing["milestone"]): string {
  return `${closed} of its ${open + closed} issues are closed.`;
}
