import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { openFileBackedPullCursorStore } from "@statewave-connectors/cursor-store-file";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { expect, it } from "vitest";
import { startFailingProxy } from "./failing-proxy.ts";
import { balanced, reconcile } from "./ledger.ts";
import { sumOf } from "./metric-sum.ts";
import type { RunnerProcess } from "./runner-process.ts";
import { readJournal } from "@statewave-connectors/chaos/witness";
import { pageMarker } from "./several-processes/witness/numbers-connector.ts";
import { configName, configText } from "./workspace.ts";
import { makeWorld, type World } from "./world.ts";

/** More for a soak: `npm run test:soak` sets 30. */
const minutes = Number(process.env["SOAK_MINUTES"] ?? 0.5);
const seed = Number(process.env["E2E_SEED"] ?? randomInt(2 ** 31));
const errorRate = 0.1;
const sources = 20;
const sampleEveryMs = 1_000;
const mebibyte = 1024 * 1024;
/** What caches and compiled code may still take after the first half; buffers come and go, and the allocator keeps some of them. */
const roomBytes = {
  nodejs_heap_size_used_bytes: 8 * mebibyte,
  nodejs_external_memory_bytes: 16 * mebibyte,
  process_resident_memory_bytes: 64 * mebibyte,
};
const memories = Object.keys(roomBytes) as readonly (keyof typeof roomBytes)[];

type Sample = ReadonlyMap<keyof typeof roomBytes, number>;

/** The memory over the soak: each sample is what the collector has left, and what has been made since. */
async function sampleMemory(runner: RunnerProcess, isOver: () => boolean): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  while (!isOver()) {
    const exposition = await runner.metrics();
    samples.push(new Map(memories.map((name) => [name, sumOf(exposition, name)])));
    await pause(sampleEveryMs);
  }
  return samples;
}

/** The least of a memory in the third quarter of the soak, and in the last one. */
function leastOf(samples: readonly number[]): readonly [number, number] {
  const half = samples.slice(Math.floor(samples.length / 2));
  return [Math.min(...half.slice(0, half.length / 2)), Math.min(...half.slice(half.length / 2))];
}

async function sendWebhooks({ slack }: World, url: string, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await slack.sendMany(url, 4);
    await pause(200);
  }
}

const entries = Array.from(
  { length: sources },
  (_, index) => `[[pull.numbers]]\nname = "n${index}"\nschedule = "every 1s"\nerror_rate = ${errorRate}\n`,
).join("\n");

it(
  "loses and doubles nothing, and its memory stays flat, while a tenth of all requests fail",
  async (test) => {
    console.log(`soak: seed ${seed}, ${minutes} minutes`);
    const world = await makeWorld(test);
    const { workspace, statewave, slack } = world;
    const proxy = await startFailingProxy(test, statewave.url, errorRate, seededRandom(seed));
    const connectors = `[connectors]\nnumbers = "./connector.mjs"\n\n`;
    await workspace.write(configName, configText({ statewaveUrl: proxy.url, entries: connectors + entries }));
    const connector = new URL("./several-processes/witness/numbers-connector.ts", import.meta.url);
    await workspace.write("connector.mjs", `export { connector } from ${JSON.stringify(connector.href)};\n`);
    const runner = await workspace.run();
    const url = await runner.listening();

    const endMs = performance.now() + minutes * 60_000;
    const isOver = () => performance.now() > endMs;
    const [samples] = await Promise.all([sampleMemory(runner, isOver), sendWebhooks(world, url, isOver)]);
    await slack.resend(url);
    await world.drained(runner);
    expect((await runner.terminate()).code).toBe(0);

    const store = await openFileBackedPullCursorStore({ path: workspace.path("state", "cursors.json") });
    const cursors = (await store.list()).filter(({ source }) => source.kind === "numbers");
    await store.close();
    const owed = new Set(slack.acknowledged);
    for (const { source, cursor } of cursors)
      for (let page = 1; page <= Number(cursor); page += 1) owed.add(pageMarker(source.name, page));
    const read = readJournal(workspace.folder).flatMap((line) =>
      line.step === "read" ? [pageMarker(line.source, line.page)] : [],
    );
    expect(reconcile(statewave, { owed, possible: [...slack.declared, ...read] }), `seed ${seed}`).toEqual(balanced);
    expect(cursors).toHaveLength(sources);
    expect(slack.acknowledged.size).toBe(slack.declared.length);
    expect(proxy.counts.failed).toBeGreaterThan(0);
    expect(await world.buried()).toEqual([]);

    console.log(`${owed.size} items, ${proxy.counts.failed} of ${proxy.counts.requests} requests failed`);
    for (const name of memories) {
      const [before, after] = leastOf(samples.map((sample) => sample.get(name) ?? 0));
      console.log(`${name}: ${[before, after].map((bytes) => `${(bytes / mebibyte).toFixed(1)} MiB`).join(" to ")}`);
      const found = { name, isMeasured: before > 0, isFlat: after < before + roomBytes[name] };
      expect(found).toEqual({ name, isMeasured: true, isFlat: true });
    }
  },
  minutes * 60_000 + 300_000,
);
