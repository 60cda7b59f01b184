import type { Episode } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import { readPayload, type RepositoryEvent } from "../webhook/delivery.ts";
import { account, id, instant, optionalText, text, url } from "../rows.ts";
import { actorOf, alertEpisode, changedAt, dismissal } from "./alert-frame.ts";

const alertThing = v.object({
  alert: v.object({
    number: id,
    html_url: url,
    created_at: instant,
    updated_at: instant,
    dismissed_at: v.fallback(v.nullish(instant), null),
    dismissed_by: account,
    dismissed_reason: v.fallback(v.nullish(text), null),
    dismissed_comment: v.fallback(optionalText, ""),
    fixed_at: v.fallback(v.nullish(instant), null),
    dependency: v.object({
      package: v.object({ ecosystem: text, name: text }),
      manifest_path: v.fallback(optionalText, ""),
      scope: v.fallback(v.nullish(text), null),
    }),
    security_advisory: v.object({
      ghsa_id: v.fallback(optionalText, ""),
      cve_id: v.fallback(v.nullish(text), null),
      summary: optionalText,
      description: v.fallback(optionalText, ""),
      severity: v.fallback(optionalText, ""),
    }),
    security_vulnerability: v.fallback(
      v.object({
        vulnerable_version_range: optionalText,
        first_patched_version: v.fallback(v.nullish(v.object({ identifier: text })), null),
      }),
      { vulnerable_version_range: "", first_patched_version: null },
    ),
  }),
});

type Alert = v.InferOutput<typeof alertThing>["alert"];

/** A dependency is vulnerable, or is not any more. */
export function dependabotEpisodes(event: RepositoryEvent): readonly Episode[] {
  const { alert: row } = readPayload(alertThing, event);
  const deed = deedOf(event, row);
  const { number, security_advisory: advisory, dependency } = row;
  const { severity, ghsa_id: ghsa, cve_id: cve } = advisory;
  return [
    alertEpisode(event, {
      alert: "dependabot_alert",
      number,
      title: advisory.summary,
      page: row.html_url,
      metadata: {
        severity,
        package: dependency.package.name,
        ecosystem: dependency.package.ecosystem,
        ghsa_id: ghsa,
        ...(cve !== null && cve !== undefined && { cve_id: cve }),
        ...(dependency.scope !== null && dependency.scope !== undefined && { scope: dependency.scope }),
      },
      ...deed,
    }),
  ];
}

function deedOf({ action = "", sender }: RepositoryEvent, row: Alert) {
  const { number, security_advisory: advisory } = row;
  const named = (place: string) => `Dependabot alert ${number} ${place}`;
  const author = actorOf(sender, "Dependabot");
  switch (action) {
    case "created": {
      const say = (place: string) => `Dependabot reported ${severityOf(row)}alert ${number} ${place}`;
      const body = `${placeOfUse(row)}\n\n${advisory.description}`;
      return { what: "created", say, body, at: row.created_at, author: actorOf(null, "Dependabot") } as const;
    }
    case "dismissed": {
      return {
        ...dismissal(row.dismissed_by ?? sender, "Dependabot", named, row.dismissed_reason),
        body: `${placeOfUse(row)} ${row.dismissed_comment}`,
        ...changedAt(row.dismissed_at ?? row.updated_at),
      };
    }
    case "auto_dismissed": {
      const say = (place: string) => `${named(place)} was dismissed by a rule`;
      return {
        what: "dismissed",
        say,
        body: placeOfUse(row),
        ...changedAt(row.updated_at),
        author,
        outcome: { status: "dismissed", reason: "a rule" },
      } as const;
    }
    case "fixed": {
      const say = (place: string) => `${named(place)} was fixed`;
      return {
        what: "fixed",
        say,
        body: placeOfUse(row),
        ...changedAt(row.fixed_at ?? row.updated_at),
        author,
        outcome: { status: "fixed" },
      } as const;
    }
    default: {
      const say = (place: string) => `${named(place)} was reopened`;
      return { what: "reopened", say, body: placeOfUse(row), ...changedAt(row.updated_at), author } as const;
    }
  }
}

function severityOf({ security_advisory: { severity } }: Alert): string {
  return severity === "" ? "" : `${severity}-severity `;
}

/** What is vulnerable, where it is used, and what to update it to. */
function placeOfUse({ dependency, security_vulnerability: range, security_advisory: { ghsa_id, cve_id } }: Alert): string {
  const { package: used, manifest_path: path } = dependency;
  const versions = range.vulnerable_version_range === "" ? "" : ` ${range.vulnerable_version_range}`;
  const patched = range.first_patched_version?.identifier;
  const where = path === "" ? "" : ` in \`${path}\``;
  const cure = patched === undefined ? "" : `, fixed in ${patched}`;
  const names = [ghsa_id, cve_id ?? ""].filter((name) => name !== "").join(", ");
  return `${used.name} (${used.ecosystem})${versions}${where}${cure}.${names === "" ? "" : ` ${names}.`}`;
}
