import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { ShownQueued } from "@statewave-connectors/runner/operations";
import type { TraceFinding } from "@statewave-connectors/runner/status";
import { itemToJson, letterToJson, toIso } from "../../terminal/json-style.ts";

/** An inbox item, in a list or with what waits. */
export function queuedToJson({ key, source, type, id, acceptedAtMs, attempt, isClaimed, notBeforeMs, ...rest }: ShownQueued) {
  return {
    key,
    source: formatSourceKey(source),
    type,
    id,
    accepted_at: toIso(acceptedAtMs),
    attempt,
    claimed: isClaimed,
    not_before_at: notBeforeMs === undefined ? undefined : toIso(notBeforeMs),
    item: rest.item === undefined ? undefined : itemToJson(rest.item),
    body_characters: rest.bodyCharacters,
  };
}

/** Where an event or an episode was found. */
export function findingToJson(finding: TraceFinding): Readonly<Record<string, unknown>> {
  switch (finding.where) {
    case "inbox":
      return { where: "inbox", ...queuedToJson(finding.item) };
    case "dead_letters":
      return { where: "dead_letters", ...(letterToJson(finding.letter) as Readonly<Record<string, unknown>>) };
    case "remembered":
      return { where: "remembered", source: formatSourceKey(finding.source) };
  }
}
