import { setTimeout as pause } from "node:timers/promises";
import { defineConnector, type Episode, type Page } from "@statewave-connectors/connector-sdk";

/** When item 0 happened. Item `n` happened `n` minutes later. */
export const firstMs = Date.UTC(2025, 0, 1);
const minuteMs = 60_000;

interface Options {
  readonly page_size?: number;
  readonly page_ms?: number;
}

/** A source of numbered items that reads ranges. Its live pull yields one item a run, whose number is its cursor. */
export const connector = defineConnector({
  kind: "ranged",
  version: "0.0.0",
  pull: {
    config: { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: value as Options }) } },
    open: ({ page_size: size = 10, page_ms: pageMs = 0 }) => ({
      async *pages(cursor): AsyncGenerator<Page, void> {
        const number = Number(cursor ?? 0) + 1;
        yield { episodes: [itemOf(`live:${number}`, Date.UTC(2026, 0, 1))], cursor: String(number) };
      },
      async *range({ since, until }, cursor, signal): AsyncGenerator<Page, void> {
        const [start, end] = [since, until].map((at) => Math.ceil((Date.parse(at) - firstMs) / minuteMs));
        for (let first = Number(cursor ?? start); first < end!; first += size) {
          if (pageMs > 0) await pause(pageMs, undefined, { signal });
          const last = Math.min(first + size, end!);
          const episodes = Array.from({ length: last - first }, (_, index) =>
            itemOf(`item:${first + index}`, firstMs + (first + index) * minuteMs),
          );
          yield { episodes, cursor: String(last) };
        }
      },
    }),
  },
});

function itemOf(name: string, atMs: number): Episode {
  return {
    subject: "ranged:all",
    kind: "ranged.item",
    text: `The number ${name} stands.`,
    occurred_at: new Date(atMs).toISOString(),
    source: { type: "ranged.item", id: name },
    idempotency_key: name,
  };
}
