import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { defineConnector, type Page } from "@statewave-connectors/connector-sdk";

/** Pages of one walk, each with one episode. */
export const gatedPages = 6;

const lookEveryMs = 20;

interface Options {
  readonly label: string;
}

/**
 * A source whose pages wait until a test allows them: page `n` writes its process into the file `begun-n`, and comes when there is a file
 * `allow-n` in the working directory. Its cursor is the number of the last page; episodes say which `label` read them.
 */
export const connector = defineConnector({
  kind: "gated",
  version: "0.0.0",
  pull: {
    config: { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: value as Options }) } },
    open: ({ label }) => ({
      async *pages(cursor, signal): AsyncGenerator<Page, void> {
        for (let page = Number(cursor ?? 0) + 1; page <= gatedPages; page += 1) {
          writeFileSync(`begun-${page}`, String(process.pid));
          while (!existsSync(`allow-${page}`)) await pause(lookEveryMs, undefined, { signal });
          yield { episodes: [episodeOf(page, label)], cursor: String(page) };
        }
      },
    }),
  },
});

function episodeOf(page: number, label: string) {
  return {
    subject: "gated:all",
    kind: "gated.page",
    text: `page ${page} read by ${label}`,
    occurred_at: "2026-01-01T00:00:00Z",
    source: { type: "gated.page", id: String(page) },
    idempotency_key: `gated:${page}`,
  };
}
