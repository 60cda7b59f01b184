import type { Episode } from "@statewave-connectors/connector-sdk";
import type { OutboundEpisode } from "@statewave-connectors/connector-sdk/host";

/** A valid episode; `id` makes its key and its text. */
export function makeEpisode(id: string | number, changes: Partial<Episode> = {}): Episode {
  return {
    subject: "repo:acme/widgets",
    kind: "github.issue.opened",
    text: `alice opened acme/widgets#42: ${id}`,
    occurred_at: "2026-01-02T03:04:05.678Z",
    source: { type: "github.issue", id: "acme/widgets#42", url: "https://github.com/acme/widgets/issues/42" },
    idempotency_key: `key-${id}`,
    ...changes,
  };
}

export function makeEpisodes(count: number, prefix = ""): Episode[] {
  return Array.from({ length: count }, (_, index) => makeEpisode(`${prefix}${index}`));
}

export function outbound(episode: Episode): OutboundEpisode {
  return { source: { kind: "github", name: "widgets" }, connectorVersion: "1.2.3", episode };
}
