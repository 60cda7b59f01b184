import type { Fault } from "@statewave-connectors/testing/fake-statewave";
import { describe, expect, it, type TestContext } from "vitest";
import { type CrashPoint, crashVariable } from "./crashing/crash-at.ts";
import { crashingSlack, installCrashingAdapters, itemsConnector } from "./crashing/install-crashing.ts";
import { itemPages, reasonOf } from "./crashing/items-connector.ts";
import { balanced } from "./ledger.ts";
import { sumOf } from "./metric-sum.ts";
import { postgresStore, sharedStores, startStore } from "./several-processes/shared-store.ts";
import { until } from "./until.ts";
import type { ConfigOptions, Ending } from "./workspace.ts";
import { makeWorld, type World } from "./world.ts";

/** Three pages of the Markdown connector. */
const documents = 250;
const webhooksEachRun = 40;
const byText = (left: string | null, right: string | null) => String(left).localeCompare(String(right));

async function makeCrashWorld(ending: Ending, options: Partial<ConfigOptions> = {}): Promise<World> {
  const entries = `[connectors]\nslack = "${crashingSlack}"`;
  const world = await makeWorld(ending, { state: "crashing", entries, ...options });
  await installCrashingAdapters(world.workspace);
  await world.writeDocuments(documents);
  return world;
}

/** Starts the program once more, lets the provider retry what it got no answer to, and waits until all is quiet. */
async function recover(world: World): Promise<void> {
  const survivor = await world.workspace.run();
  await world.slack.resend(await survivor.listening());
  await world.drained(survivor);
}

interface PointCase {
  readonly title: string;
  readonly at: CrashPoint;
  /** At which time of coming by: one run of the program for each. */
  readonly hits: readonly number[];
  readonly faults?: readonly Fault[];
  /** How many letters must lie in the dead-letter list in the end. */
  readonly buried?: number;
}

const refusals: readonly Fault[] = ["mark:slack-000003", "mark:slack-000043", "mark:doc-000007", "mark:doc-000120"].map(
  (marker) => ({
    type: "refuse",
    marker,
    as: "422",
  }),
);

const points: readonly PointCase[] = [
  { title: "after verify, before the event is stored", at: "before-accept", hits: [1, 20] },
  { title: "after the event is stored, before the answer", at: "after-accept", hits: [1, 20] },
  { title: "after an event is claimed, before it is mapped", at: "claimed", hits: [1, 25] },
  { title: "in the middle of a mapping", at: "mapping", hits: [1, 25] },
  { title: "after the sink's 201, before the event is settled", at: "before-settle", hits: [1, 15] },
  { title: "before a burial", at: "before-bury", hits: [1, 2], faults: refusals, buried: 4 },
  { title: "after a burial, before its checkpoint or settlement", at: "after-bury", hits: [1, 2], faults: refusals, buried: 4 },
  { title: "after a due is claimed", at: "after-acquire", hits: [1, 1] },
  { title: "before a checkpoint", at: "before-checkpoint", hits: [1, 2] },
  { title: "after a checkpoint", at: "after-checkpoint", hits: [1, 1] },
  { title: "before a lease is released", at: "before-release", hits: [1] },
  { title: "after a lease is released", at: "after-release", hits: [1] },
];

describe.concurrent("killed at a named point, nothing acknowledged or checkpointed is lost", () => {
  it.for(points)("$title", async ({ at, hits, faults = [], buried = 0 }, test) => {
    const world = await makeCrashWorld(test);
    world.statewave.setFaults(faults);
    for (const hit of hits) {
      const runner = world.workspace.launch(["run"], { [crashVariable]: `${at}:${hit}` });
      // What an earlier run left can lead it to the point before it listens.
      const url = await runner.listening().catch(() => undefined);
      if (url !== undefined) await world.slack.sendMany(url, webhooksEachRun);
      expect(await runner.exited).toEqual({ code: null, signal: "SIGKILL" });
    }
    await recover(world);
    const letters = buried === 0 ? [] : await world.buried();
    expect(letters).toHaveLength(buried);
    expect(world.account(letters)).toEqual(balanced);
    const declared = world.slack.declared.length + documents;
    expect(world.statewave.episodes.length + buried).toBe(declared);
  });
});

describe.concurrent("killed at a named point of a run, whose lease then lapses in Postgres, no checkpointed page is lost", () => {
  const ofRuns = points.filter(({ at }) => /-(?:acquire|checkpoint|release)$/.test(at));
  it.for(ofRuns)("$title", async ({ at }, test) => {
    const { url } = await startStore(test, postgresStore);
    const world = await makeCrashWorld(test, { stateOptions: `of = "postgres"\nurl = "${url}"` });
    const runner = world.workspace.launch(["run"], { [crashVariable]: `${at}:1` });
    expect(await runner.exited).toEqual({ code: null, signal: "SIGKILL" });
    await recover(world);
    expect(world.account()).toEqual(balanced);
  });
});

/** Kinds of inboxes that outlive their process, each with a server of the test's own where it has one. */
const inboxes = [
  { kind: "file", options: async () => "" },
  ...sharedStores.map((store) => ({
    kind: store.kind,
    options: async (test: TestContext) => `url = "${(await startStore(test, store)).url}"`,
  })),
];

describe.concurrent("killed at the burial of an item that cannot be mapped", () => {
  it.for(inboxes)(
    "before it and after it, the $kind inbox holds its letter once, and nothing is lost",
    async ({ kind, options }, test) => {
      const entries = `[runner.inbox]
kind = "crashing"
of = "${kind}"
${await options(test)}

[connectors]
items = "${itemsConnector}"

[[pull.items]]
name = "broken"
schedule = "every 1s"
`;
      const world = await makeWorld(test, { state: "crashing", entries });
      await installCrashingAdapters(world.workspace);
      for (const at of ["before-bury:1", "after-bury:1", "after-bury:2", "before-bury:2"]) {
        const runner = world.workspace.launch(["run"], { [crashVariable]: at });
        expect(await runner.exited).toEqual({ code: null, signal: "SIGKILL" });
      }
      const survivor = await world.workspace.run();
      await until("every item is buried and every episode delivered", async () => {
        const letters = sumOf(await survivor.metrics(), "statewave_runner_dead_letters");
        return letters >= itemPages && world.statewave.stats().stored >= itemPages;
      });
      const letters = await world.workspace.jsonLines("dead-letters", "list", "--json");
      const pages = Array.from({ length: itemPages }, (_, at) => at + 1);
      expect(letters.map(({ reason }) => String(reason)).toSorted(byText)).toEqual(pages.map(reasonOf));
      expect(letters.every(({ type }) => type === "item")).toBe(true);
      const keys = world.statewave.episodes.map(({ idempotency_key: episodeKey }) => episodeKey);
      expect(keys.toSorted(byText)).toEqual(pages.map((page) => `items:${page}`));
    },
  );
});

describe.concurrent("killed from outside, nothing acknowledged or checkpointed is lost", () => {
  it("right after the client saw the 2xx", async (test) => {
    const world = await makeCrashWorld(test);
    for (const sent of [1, 15]) {
      const runner = await world.workspace.run();
      const url = await runner.listening();
      for (const marker of world.slack.declare(sent)) expect(await world.slack.send(url, marker)).toBe(200);
      await runner.kill();
    }
    await recover(world);
    expect(world.account()).toEqual(balanced);
  });

  it.for([
    { title: "while Statewave holds a batch that it has not stored", fault: { type: "hang" } },
    { title: "after Statewave stored a batch and before it answered", fault: { type: "withheld_reply" } },
  ] satisfies readonly { title: string; fault: Fault }[])("$title", async ({ fault }, test) => {
    const world = await makeCrashWorld(test);
    world.statewave.setFaults([fault]);
    for (const runs of [1, 2]) {
      const runner = await world.workspace.run();
      await world.slack.sendMany(await runner.listening(), webhooksEachRun);
      await until(`Statewave holds a batch of run ${runs}`, () => world.statewave.stats().episodesInFlight > 0);
      await runner.kill();
      await until("the connections of the dead process are gone", () => world.statewave.stats().inFlight === 0);
    }
    expect(world.statewave.stats().stored > 0).toBe(fault.type === "withheld_reply");
    world.statewave.setFaults([]);
    await recover(world);
    expect(world.account()).toEqual(balanced);
    expect(world.statewave.stats().duplicates > 0).toBe(fault.type === "withheld_reply");
  });
});
