import { defineConnector, type Page } from "@statewave-connectors/connector-sdk";

/** Pages of one walk, each with one episode and one item that cannot be mapped. */
export const itemPages = 6;

export const reasonOf = (page: number) => `TypeError: item ${page} has no title`;

/** A source whose items fail as often as they are mapped; its cursor is the number of the last page. */
export const connector = defineConnector({
  kind: "items",
  version: "0.0.0",
  pull: {
    config: { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } },
    open: () => ({
      async *pages(cursor): AsyncGenerator<Page, void> {
        for (let page = Number(cursor ?? 0) + 1; page <= itemPages; page += 1) {
          const failures = [{ id: `item-${page}`, error: new TypeError(`item ${page} has no title`), raw: { page } }];
          yield { episodes: [episodeOf(page)], failures, cursor: String(page) };
        }
      },
    }),
  },
});

function episodeOf(page: number) {
  return {
    subject: "items:all",
    kind: "items.page",
    text: `Page ${page} stands.`,
    occurred_at: "2026-01-01T00:00:00Z",
    source: { type: "items.page", id: String(page) },
    idempotency_key: `items:${page}`,
  };
}
