import { ConnectorsError, defineConnector, type Page, sleep } from "@statewave-connectors/connector-sdk";
import { writeJournal } from "@statewave-connectors/chaos/witness";

interface NumbersOptions {
  /** Pages of one run. */
  readonly pages?: number;
  /** How long the provider takes for one of them. */
  readonly page_ms?: number;
  /** The part of its pages that fail. */
  readonly error_rate?: number;
}

/** The marker of a page in the text of its only episode. */
export function pageMarker(source: string, page: number): string {
  return `mark:num-${source.replaceAll(/\D/g, "")}${String(page).padStart(6, "0")}`;
}

/** A source that always has something new: page 1, 2, 3, …; its cursor is the number of the last page. Each page read is written down. */
export const connector = defineConnector<NumbersOptions>({
  kind: "numbers",
  version: "0.0.0",
  pull: {
    config: { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: value as NumbersOptions }) } },
    open({ pages = 2, page_ms: pageMs = 60, error_rate: errorRate = 0 }, { source, baseDir, clock, random }) {
      return {
        async *pages(cursor, signal): AsyncGenerator<Page, void> {
          const first = Number(cursor ?? 0) + 1;
          for (let page = first; page < first + pages; page += 1) {
            await sleep(clock, pageMs * (0.5 + random()), signal);
            if (random() < errorRate) throw unavailable();
            writeJournal(baseDir, { step: "read", source: source.name, page });
            yield { episodes: [numberedEpisode(source.name, page)], cursor: String(page) };
          }
        },
      };
    },
  },
});

function unavailable(): ConnectorsError {
  const hint = "wait for the next run: it fails on purpose";
  return new ConnectorsError({ code: "NUMBERS_UNAVAILABLE", message: "numbers answered 503", hint, retryable: true });
}

function numberedEpisode(source: string, page: number) {
  return {
    subject: `numbers:${source}`,
    kind: "numbers.page",
    text: `Page ${page} of ${source}, ${pageMarker(source, page)} stands.`,
    occurred_at: "2026-01-01T00:00:00Z",
    source: { type: "numbers.page", id: `${source}#${page}` },
    idempotency_key: `numbers:${source}:${page}`,
  };
}
