// A first sync that touches many subjects, as an organization's repositories or a help desk's customers do.
import { type Connector, defineConnector, type Page } from "@statewave-connectors/connector-sdk";

interface SubjectsOptions {
  readonly episodes: number;
  readonly subjects: number;
}

const episodesPerPage = 100;

export const connector: Connector = defineConnector<SubjectsOptions>({
  kind: "subjects",
  version: "0.0.0",
  pull: {
    config: { "~standard": { version: 1, vendor: "bench", validate: (value: unknown) => ({ value: value as SubjectsOptions }) } },
    open: ({ episodes, subjects }) => ({
      async *pages(cursor): AsyncGenerator<Page, void> {
        for (let at = Number(cursor ?? 0); at < episodes; at += episodesPerPage) {
          const indexes = Array.from({ length: Math.min(episodesPerPage, episodes - at) }, (_, index) => at + index);
          yield { episodes: indexes.map((index) => episodeOf(index, index % subjects)), cursor: String(at + indexes.length) };
        }
      },
    }),
  },
});

function episodeOf(index: number, subject: number) {
  return {
    subject: `customer:${subject}`,
    kind: "subjects.note",
    text: `Note ${index} about customer ${subject}: the invoice of March is paid, the one of April is still open and was sent again today.`,
    occurred_at: "2026-01-01T00:00:00Z",
    source: { type: "subjects.note", id: String(index) },
    idempotency_key: `subjects:${index}`,
  };
}
