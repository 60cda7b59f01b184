import type { Episode } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import { readPayload, type RepositoryEvent } from "../webhook/delivery.ts";
import { account, id, instant, optionalText, text, url } from "../rows.ts";
import { actorOf, alertEpisode, changedAt, dismissal } from "./alert-frame.ts";
import { loginOf } from "./author.ts";

const noPlace = { message: { text: "" }, location: { path: "", start_line: null } };
const alertThing = v.object({
  ref: v.fallback(v.nullish(text), null),
  commit_oid: v.fallback(v.nullish(text), null),
  alert: v.object({
    number: id,
    html_url: url,
    created_at: instant,
    updated_at: v.fallback(v.nullish(instant), null),
    fixed_at: v.fallback(v.nullish(instant), null),
    dismissed_at: v.fallback(v.nullish(instant), null),
    dismissed_by: account,
    dismissed_reason: v.fallback(v.nullish(text), null),
    dismissed_comment: v.fallback(optionalText, ""),
    most_recent_instance: v.fallback(
      v.object({
        message: v.fallback(v.object({ text: optionalText }), noPlace.message),
        location: v.fallback(v.object({ path: optionalText, start_line: v.nullish(v.number()) }), noPlace.location),
      }),
      noPlace,
    ),
    rule: v.object({
      id: v.fallback(optionalText, ""),
      description: optionalText,
      severity: v.fallback(optionalText, ""),
      security_severity_level: v.fallback(optionalText, ""),
    }),
    tool: v.fallback(v.object({ name: optionalText }), { name: "" }),
  }),
});

type Thing = v.InferOutput<typeof alertThing>;

/** Code was found to be unsafe, or is not any more. */
export function codeScanningEpisodes(event: RepositoryEvent): readonly Episode[] {
  const thing = readPayload(alertThing, event);
  const { alert: row, commit_oid: commit } = thing;
  const { rule, tool } = row;
  const severity = rule.security_severity_level === "" ? rule.severity : rule.security_severity_level;
  return [
    alertEpisode(event, {
      alert: "code_scanning_alert",
      number: row.number,
      title: rule.description === "" ? rule.id : rule.description,
      page: row.html_url,
      metadata: { severity, rule: rule.id, tool: tool.name, ...(commit !== null && commit !== undefined && { commit }) },
      ...deedOf(event, thing, severity),
    }),
  ];
}

function deedOf({ action = "", sender }: RepositoryEvent, thing: Thing, severity: string) {
  const { alert: row } = thing;
  const scanner = row.tool.name === "" ? "code scanning" : row.tool.name;
  const named = (place: string) => `code scanning alert ${row.number} ${place}`;
  const author = actorOf(sender, scanner);
  const body = placeOfCode(thing);
  // An alert may lack its time; the commit then distinguishes one change from the next.
  const timed = (at: string | null | undefined) => changedAt(at, thing.commit_oid ?? "");
  switch (action) {
    case "created": {
      const level = severity === "" ? "" : `${severity}-severity `;
      const say = (place: string) => `${scanner} reported ${level}alert ${row.number} ${place}`;
      return { what: "created", say, body, at: row.created_at, author: actorOf(null, scanner) } as const;
    }
    case "closed_by_user": {
      return {
        ...dismissal(row.dismissed_by ?? sender, scanner, named, row.dismissed_reason),
        body: `${body} ${row.dismissed_comment}`,
        ...timed(row.dismissed_at ?? row.updated_at),
      };
    }
    case "fixed": {
      const say = (place: string) => `${named(place)} was fixed`;
      return {
        what: "fixed",
        say,
        body,
        ...timed(row.fixed_at ?? row.updated_at),
        author,
        outcome: { status: "fixed" },
      } as const;
    }
    default: {
      const by = action === "reopened_by_user" ? `${loginOf(sender)} reopened ` : "";
      const say = (place: string) => (by === "" ? `${named(place)} was reopened` : `${by}${named(place)}`);
      return { what: "reopened", say, body, ...timed(row.updated_at), author } as const;
    }
  }
}

function placeOfCode({ ref, alert: { most_recent_instance: found } }: Thing): string {
  const { path, start_line: line } = found.location;
  const place = path === "" ? "" : `At \`${path}\`${typeof line === "number" ? ` line ${line}` : ""}`;
  const branch = ref === null || ref === undefined ? "" : `on \`${ref.replace(/^refs\/heads\//, "")}\``;
  const where = [place, branch].filter((part) => part !== "").join(" ");
  return [where === "" ? "" : `${where}.`, found.message.text].filter((part) => part !== "").join(" ");
}
