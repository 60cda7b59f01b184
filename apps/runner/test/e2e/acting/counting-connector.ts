import { writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { ConnectorsError, defineConnector, type Page } from "@statewave-connectors/connector-sdk";

interface Cursor {
  readonly since: string;
  readonly a: number;
  readonly b: number;
}

/** A source with two streams that count its runs. `COUNTING_PAUSE_MS` makes a run last. */
export const connector = defineConnector({
  kind: "counting",
  version: "0.0.0",
  pull: {
    config: { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } },
    streams: () => ["a", "b"],
    seed: (_config, { since }) => JSON.stringify({ since, a: 0, b: 0 }),
    resetStream(_config, cursor, stream) {
      if (stream !== "a" && stream !== "b")
        throw new ConnectorsError({ code: "COUNTING_STREAM_UNKNOWN", message: `no stream ${stream}`, hint: "name a or b" });
      return JSON.stringify({ ...(JSON.parse(cursor) as Cursor), [stream]: 0 });
    },
    open: () => ({
      async *pages(stored, signal): AsyncGenerator<Page, void> {
        const { since, a, b } = JSON.parse(stored ?? '{"since":"","a":0,"b":0}') as Cursor;
        const pauseMs = Number(process.env["COUNTING_PAUSE_MS"] ?? 0);
        if (pauseMs > 0) {
          writeFileSync("run-begun", "");
          await pause(pauseMs, undefined, { signal });
        }
        yield { episodes: [], cursor: JSON.stringify({ since, a: a + 1, b: b + 1 }) };
      },
    }),
  },
});
