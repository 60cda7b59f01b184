import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type FakeStatewave, startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { describe, expect, it, type TestContext } from "vitest";
import { balanced } from "../ledger.ts";
import { sumOf } from "../metric-sum.ts";
import type { RunnerProcess } from "../runner-process.ts";
import { until } from "../until.ts";
import { configName, configText, makeWorkspace } from "../workspace.ts";
import { World } from "../world.ts";
import { type SharedStore, sharedStores, startStore } from "./shared-store.ts";

const breakWrites = fileURLToPath(new URL("../fixtures/break-writes.mjs", import.meta.url));
const givenBack = "claimed events are given back: this process can deliver nothing now";
const events = 12;

/** Two processes on one store and one Statewave. The first can be cut off from Statewave, and starts so. */
async function twoProcesses(test: TestContext, store: SharedStore, cut: Cut) {
  const server = await startStore(test, store);
  const statewave = await startFakeStatewave({ apiKey: "right" });
  test.onTestFinished(() => statewave.close());
  const workspace = makeWorkspace(test);
  const text = configText({ statewaveUrl: statewave.url, statewave: 'api_key = "${E2E_KEY}"', state: store.kind })
    .replace(`kind = "${store.kind}"`, `kind = "${store.kind}"\nurl = "${server.url}"`)
    .replace('schedule = "every 1s"', 'schedule = "every 2s"');
  await workspace.write(configName, text);
  await workspace.write("docs/empty.txt", "");
  const breakFile = workspace.path("break");
  const world = new World(workspace, statewave);
  await cut.begin?.(world, breakFile);
  const first = await workspace.run({
    E2E_KEY: cut.key ?? "right",
    NODE_OPTIONS: `--import=${breakWrites}`,
    E2E_BREAK_PORT: new URL(statewave.url).port,
    E2E_BREAK_FILE: breakFile,
  });
  return { world, first, statewave, breakFile, second: () => workspace.run({ E2E_KEY: "right" }) };
}

interface Cut {
  readonly how: string;
  readonly key?: string;
  readonly begin?: (world: World, breakFile: string) => Promise<void>;
}

const cuts: readonly Cut[] = [
  {
    how: "cannot connect to Statewave",
    begin: (world, file) => world.workspace.write(file.slice(world.workspace.folder.length + 1), "ECONNREFUSED"),
  },
  { how: "has a key that Statewave refuses", key: "wrong" },
];

const settledBy = async (runner: RunnerProcess) =>
  sumOf(await runner.metrics(), "statewave_runner_inbox_events_total", 'outcome="done"');

const storedIn = ({ episodes }: FakeStatewave) => episodes.length;

describe.concurrent.each(sharedStores)("two processes with $kind state", (store) => {
  it.for(cuts.map((cut) => [cut.how, cut] as const))(
    "deliver everything although the one that accepted it %s: it keeps nothing that the other could take",
    async ([, cut], test) => {
      const { world, first, statewave, second } = await twoProcesses(test, store, cut);
      await world.slack.sendMany(await first.listening(), events);
      await until("the first process knows that it can deliver nothing", async () =>
        (await first.metrics()).includes("statewave_runner_sink_up 0"),
      );
      const other = await second();
      await world.slack.sendMany(await first.listening(), events);
      await world.writeDocuments(3);
      await world.drained(other);
      expect(world.account()).toEqual(balanced);
      expect(await settledBy(other)).toBe(2 * events);
      expect(await settledBy(first)).toBe(0);
      expect(storedIn(statewave)).toBe(2 * events + 3);
      await Promise.all([first.terminate(), other.terminate()]);
    },
  );
});

describe.concurrent.each(sharedStores)("a process alone on $kind that is cut off from Statewave", (store) => {
  it("gives back what it claimed, and delivers all of it once it can", async (test) => {
    const { world, first, breakFile } = await twoProcesses(test, store, cuts[0]!);
    await world.slack.sendMany(await first.listening(), events);
    await world.writeDocuments(3);
    expect((await first.logged(givenBack))["events"]).toBeGreaterThan(0);
    await rm(breakFile);
    await world.drained(first);
    expect(world.account()).toEqual(balanced);
    await first.terminate();
  });
});
