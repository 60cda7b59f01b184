// A source of numbered items that reads ranges: item `n` happened `n` seconds after the first.
import { type Connector, defineConnector, type Page } from "@statewave-connectors/connector-sdk";

interface NumberedOptions {
  readonly page_size: number;
}

const firstMs = Date.UTC(2025, 0, 1);

export const connector: Connector = defineConnector<NumberedOptions>({
  kind: "numbered",
  version: "0.0.0",
  pull: {
    config: { "~standard": { version: 1, vendor: "bench", validate: (value: unknown) => ({ value: value as NumberedOptions }) } },
    open: ({ page_size: size }) => ({
      async *pages(cursor): AsyncGenerator<Page, void> {
        yield { episodes: [], cursor: cursor ?? "live" };
      },
      async *range({ since, until }, cursor): AsyncGenerator<Page, void> {
        const [start = 0, end = 0] = [since, until].map((at) => (Date.parse(at) - firstMs) / 1_000);
        for (let at = Number(cursor ?? start); at < end; at += size) {
          const numbers = Array.from({ length: Math.min(size, end - at) }, (_, index) => at + index);
          yield { episodes: numbers.map(episodeOf), cursor: String(at + numbers.length) };
        }
      },
    }),
  },
});

function episodeOf(number: number) {
  return {
    subject: `customer:${number % 1_000}`,
    kind: "numbered.note",
    text: `Note ${number} about a customer: the invoice of March is paid, the one of April is still open and was sent again today.`,
    occurred_at: new Date(firstMs + number * 1_000).toISOString(),
    source: { type: "numbered.note", id: String(number) },
    idempotency_key: `numbered:${number}`,
  };
}
