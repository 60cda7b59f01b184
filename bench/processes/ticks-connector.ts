// A connector as a third party writes it: one episode a run; its cursor counts the runs, so that none can be lost or repeated unseen.
import { type Connector, defineConnector, type Page } from "@statewave-connectors/connector-sdk";

export const connector: Connector = defineConnector({
  kind: "ticks",
  version: "0.0.0",
  pull: {
    config: { "~standard": { version: 1, vendor: "bench", validate: (value: unknown) => ({ value }) } },
    open: (_config, { source }) => ({
      async *pages(cursor): AsyncGenerator<Page, void> {
        const tick = Number(cursor ?? 0) + 1;
        const episode = {
          subject: `ticks:${source.name}`,
          kind: "ticks.tick",
          text: `Tick ${tick} of ${source.name}.`,
          occurred_at: "2026-01-01T00:00:00Z",
          source: { type: "ticks.tick", id: `${source.name}#${tick}` },
          idempotency_key: `ticks:${source.name}:${tick}`,
        };
        yield { episodes: [episode], cursor: String(tick) };
      },
    }),
  },
});
