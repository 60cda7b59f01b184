import { type ConfigInput, parseConfig } from "@statewave-connectors/config";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, onTestFinished, test } from "vitest";
import { createRunner } from "../../src/index.ts";
import { pauseEntries, resumeEntries } from "../../src/pauses/pause-entries.ts";
import { readStatus } from "../../src/status/read-status.ts";
import { notes } from "../notes-connector.ts";

const hourMs = 60 * 60_000;
const source = { kind: "notes", name: "docs" };
const by = { user: "ana@web" };

/** A runner whose only source has read everything ten days ago, and does not make up for dues. */
async function world(schedule = "0 0 1 1 *") {
  const clock = new FakeClock(1_800_000_000_000);
  const cursorStore = new InMemoryPullCursorStore({ clock });
  const { records } = cursorStore;
  if (records === undefined) throw new Error("the store in memory keeps no records");
  const [claim] = await cursorStore.acquire([{ source, owner: "before", ttlMs: 1_000, dueMs: clock.now() - 240 * hourMs }]);
  if (claim?.granted !== true) throw new Error("the source is claimed");
  await cursorStore.release(claim.lease, { type: "done" });
  const input = (pulls: readonly object[]) =>
    ({ statewave: { url: "stdout:" }, runner: { port: 0 }, pull: { notes: pulls } }) as ConfigInput;
  let current = input([{ name: "docs", schedule, catch_up: "skip" }]);
  const readConfig = () => parseConfig(current, { connectors: [notes] });
  const runner = await createRunner({
    ...(await readConfig()),
    logger: silentLogger,
    listen: false,
    clock,
    cursorStore,
    readConfig,
    ingest: async () => undefined,
  });
  onTestFinished(() => runner.stop());
  await runner.start();
  const reload = async (...pulls: readonly object[]) => {
    current = input(pulls);
    await runner.reload();
    await clock.advance(5_000);
  };
  const docs = async () => {
    const places = {
      records,
      listState: () => cursorStore.list(),
      inboxStats: async () => ({ depth: 0, bytes: 0, deadLetters: [] }),
    };
    const { entries } = await readStatus(places, (await readConfig()).config, clock.now());
    return entries.find(({ source: { name } }) => name === "docs");
  };
  return { clock, records, reload, docs };
}

test("a source whose schedule has changed is not late before its first due", async () => {
  const { reload, docs } = await world();
  await reload({ name: "docs", schedule: "every 1h", catch_up: "skip" });
  expect(await docs()).toMatchObject({ condition: "idle", lagMs: 0 });
});

test("a source that was removed and is added back is not late before its first due", async () => {
  const { clock, reload, docs } = await world();
  await reload({ name: "other", schedule: "every 1h" });
  await clock.advance(4 * hourMs);
  await reload({ name: "other", schedule: "every 1h" }, { name: "docs", schedule: "every 1h", catch_up: "skip" });
  expect(await docs()).toMatchObject({ condition: "idle", lagMs: 0 });
});

test("a source that does not make up for a downtime is not late before its first due after it", async () => {
  const { clock, docs } = await world("every 1h");
  await clock.advance(5_000);
  expect(await docs()).toMatchObject({ condition: "idle", lagMs: 0 });
});

test("a source that was paused for long is not late before its first due", async () => {
  const { clock, records, reload, docs } = await world();
  const entries = [{ direction: "pull" as const, source }];
  await reload({ name: "docs", schedule: "every 30m", catch_up: "skip" });
  await pauseEntries({ records, clock }, { entries, by });
  await clock.advance(3 * hourMs);
  expect(await docs()).toMatchObject({ condition: "paused" });
  await resumeEntries({ records, clock }, { entries, by });
  await clock.advance(5_000);
  expect(await docs()).toMatchObject({ condition: "idle", lagMs: 0 });
});
