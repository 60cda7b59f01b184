import type { Episode, SourceKey } from "@statewave-connectors/connector-sdk";
import type { InboxItem } from "@statewave-connectors/connector-sdk/inbox";

export const slack: SourceKey = { kind: "slack", name: "acme" };
export const github: SourceKey = { kind: "github", name: "acme" };

export type EventItem = Extract<InboxItem, { type: "event" }>;

/** An event with a body of its own. */
export function sampleEvent(overrides: Partial<EventItem> = {}): EventItem {
  return {
    type: "event",
    source: slack,
    headers: { "x-event": "message" },
    body: Buffer.from('{"text":"hello"}'),
    receivedAtMs: 1_767_225_600_000,
    ...overrides,
  };
}

/** An event without an id whose body is the given text. */
export function textEvent(text: string, source: SourceKey = slack): EventItem {
  return sampleEvent({ source, body: Buffer.from(text) });
}

export function sampleEpisode(key: string, overrides: Partial<Episode> = {}): Episode {
  return {
    subject: "repo:acme/widgets",
    kind: "github.issue.opened",
    text: `ada opened issue ${key}`,
    occurred_at: "2026-01-01T00:00:00Z",
    source: { type: "github.issue", id: `acme/widgets#${key}` },
    idempotency_key: key,
    metadata: { labels: ["bug"], nested: { deep: [1, null, true] } },
    ...overrides,
  };
}

/** The text of an item's body; of an episode its idempotency key. */
export function textOf(item: InboxItem): string {
  if (item.type === "event") return Buffer.from(item.body).toString();
  return item.type === "episode" ? item.episode.idempotency_key : "trigger";
}
