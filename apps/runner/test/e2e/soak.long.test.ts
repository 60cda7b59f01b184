import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { openFileBackedPullCursorStore } from "@statewave-connectors/cursor-store-file";
import { seededRandom } from "@statewave-connectors/testing";
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
/** What caches and compiled code may still take after the first half. */
const roomBytes = 8 * 1024 * 1024;

/** The live heap over the soak: each sample is what the collector has left, and what has been made since. */
async function sampleHeap(runner: RunnerProcess, isOver: () => boolean): Promise<readonly number[]> {
  const samples: number[] = [];
  while (!isOver()) {
    samples.push(sumOf(await runner.metrics(), "nodejs_heap_size_used_bytes"));
    await pause(sampleEveryMs);
  }
  return samples;
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
    const [samples] = await Promise.all([sampleHeap(runner, isOver), sendWebhooks(world, url, isOver)]);
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

    const half = samples.slice(Math.floor(samples.length / 2));
    const [third, last] = [half.slice(0, half.length / 2), half.slice(half.length / 2)];
    const [before, after] = [Math.min(...third), Math.min(...last)];
    const text = [before, after].map((bytes) => `${(bytes / 1024 / 1024).toFixed(1)} MB`).join(" to ");
    console.log(`${owed.size} items, ${proxy.counts.failed} of ${proxy.counts.requests} requests failed, live heap ${text}`);
    expect(after).toBeLessThan(before + roomBytes);
  },
  minutes * 60_000 + 300_000,
);
