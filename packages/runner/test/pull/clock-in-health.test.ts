import { parseConfig } from "@statewave-connectors/config";
import { defineConnector, type Logger } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, onTestFinished, test } from "vitest";
import { createRunner } from "../../src/index.ts";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";

const anything = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;
const decadeMs = 10 * 365 * 24 * 60 * 60_000;

test("/readyz and one line of the log report what a clock of 2036 has left, until the source has run", async () => {
  const clock = new FakeClock();
  const cursorStore = new InMemoryPullCursorStore({ clock });
  clock.set(clock.now() + decadeMs);
  const [claim] = await cursorStore.acquire([
    { source: { kind: "notes", name: "one" }, dueMs: clock.now(), owner: "former", ttlMs: 30_000 },
  ]);
  if (claim?.granted === true) await cursorStore.release(claim.lease, { type: "done" });
  clock.set(clock.now() - decadeMs);

  const runs: number[] = [];
  const notes = defineConnector({
    kind: "notes",
    version: "1.0.0",
    pull: {
      config: anything,
      open: () => ({
        async *pages() {
          runs.push(clock.now());
          yield { episodes: [], cursor: "1" };
        },
      }),
    },
  });
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (message) => void warnings.push(message), child: () => logger };
  const settings = await parseConfig(
    {
      statewave: { url: "stdout:" },
      runner: { port: 0, host: "127.0.0.1", admin: { listen: "127.0.0.1:0" } },
      pull: { notes: [{ name: "one", schedule: "every 10m" }] },
    },
    { connectors: [notes] },
  );
  const runner = await createRunner({ ...settings, clock, cursorStore, logger, ingest: async () => undefined });
  await runner.start();
  onTestFinished(async () => {
    const stopped = runner.stop();
    for (let turn = 0; turn < 50; turn += 1) await clock.advance(20);
    await stopped;
  });
  const store = async () => {
    const answer = (await (await fetch(`${runner.describe().adminUrl}/readyz`)).json()) as { store: unknown };
    return answer.store;
  };
  expect(await store()).toMatchObject({
    status: "degraded",
    detail: expect.stringMatching(/a stored time of notes\/one lies in the future \(203\d-/),
  });
  for (let minutes = 0; minutes < 10; minutes += 1) {
    await clock.advance(60_000);
    for (let turn = 0; turn < 20; turn += 1) await clock.advance(50);
  }
  expect(runs).toHaveLength(1);
  expect(await store()).toMatchObject({ status: "ok" });
  expect(warnings.filter((message) => message.includes("in the future"))).toHaveLength(1);
});
