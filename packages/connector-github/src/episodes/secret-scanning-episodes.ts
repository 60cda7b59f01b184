import type { Episode } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import { readPayload, type RepositoryEvent } from "../webhook/delivery.ts";
import { account, id, instant, optionalText, text, url } from "../rows.ts";
import { actorOf, alertEpisode, changedAt } from "./alert-frame.ts";
import { loginOf } from "./author.ts";

/** Neither `secret`, which GitHub's API has beside these, nor the comment of a person, who may have pasted it there. */
const alertThing = v.object({
  alert: v.object({
    number: id,
    html_url: url,
    created_at: instant,
    updated_at: v.fallback(v.nullish(instant), null),
    resolved_at: v.fallback(v.nullish(instant), null),
    resolved_by: account,
    resolution: v.fallback(v.nullish(text), null),
    secret_type: text,
    secret_type_display_name: v.fallback(optionalText, ""),
    validity: v.fallback(optionalText, ""),
    publicly_leaked: v.fallback(v.nullish(v.boolean()), null),
  }),
});

type Alert = v.InferOutput<typeof alertThing>["alert"];

const scanner = "secret scanning";

/** A secret was found in a repository, or is dealt with. What it is stays at GitHub: an episode has its type only. */
export function secretScanningEpisodes(event: RepositoryEvent): readonly Episode[] {
  const { alert: row } = readPayload(alertThing, event);
  return [
    alertEpisode(event, {
      alert: "secret_scanning_alert",
      number: row.number,
      title: row.secret_type_display_name === "" ? row.secret_type : row.secret_type_display_name,
      page: row.html_url,
      metadata: { secret_type: row.secret_type, ...(row.validity !== "" && { validity: row.validity }) },
      ...deedOf(event, row),
    }),
  ];
}

function deedOf({ action = "", sender }: RepositoryEvent, row: Alert) {
  const named = (place: string) => `secret scanning alert ${row.number} ${place}`;
  const author = actorOf(sender, scanner);
  switch (action) {
    case "created": {
      const say = (place: string) => `secret scanning reported alert ${row.number} ${place}`;
      return { what: "created", say, body: stateOf(row), at: row.created_at, author: actorOf(null, scanner) } as const;
    }
    case "resolved": {
      const by = row.resolved_by ?? sender;
      const resolution = row.resolution?.replaceAll("_", " ") ?? "resolved";
      return {
        what: "resolved",
        say: (place: string) => `${loginOf(by)} resolved ${named(place)} as ${resolution}`,
        body: stateOf(row),
        ...changedAt(row.resolved_at ?? row.updated_at),
        author: actorOf(by, scanner),
        outcome: { status: resolution },
      } as const;
    }
    case "revoked":
    case "publicly_leaked": {
      const say = (place: string) => `the secret of ${named(place)} was ${action === "revoked" ? "revoked" : "leaked publicly"}`;
      return { what: action, say, body: stateOf(row), ...changedAt(row.updated_at), author } as const;
    }
    default: {
      const say = (place: string) => `${named(place)} was reopened`;
      return { what: "reopened", say, body: stateOf(row), ...changedAt(row.updated_at), author } as const;
    }
  }
}

function stateOf({ validity, publicly_leaked: isPublic }: Alert): string {
  const parts = [validity === "" ? "" : `Its validity is ${validity}.`, isPublic === true ? "It was found in public." : ""];
  return parts.filter((part) => part !== "").join(" ");
}
