import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { expect, it } from "vitest";
import { type FakeGithubProcess, startFakeGithub } from "./fake-github-process.ts";
import { balanced } from "./ledger.ts";
import { until } from "./until.ts";
import { makeWorld, type World } from "./world.ts";

/** More for a soak: `E2E_ROUNDS=200 E2E_SEED=… vitest run apps/runner/test/e2e/random-crashes`. */
const rounds = Number(process.env["E2E_ROUNDS"] ?? 5);
const seed = Number(process.env["E2E_SEED"] ?? randomInt(2 ** 31));
/** From the start of the process: what it does within this time, starting included, is what gets interrupted. */
const longestLifeMs = 2_500;
const roundMs = 10_000;

/** Webhooks, new documents and new issues, until the process is gone. */
async function load(world: World, github: FakeGithubProcess, isOver: () => boolean, url: string): Promise<void> {
  while (!isOver()) {
    await Promise.all([world.slack.sendMany(url, 16), world.writeDocuments(8), github.act("addIssue")]);
  }
}

it(
  "loses nothing when it is killed at random moments, again and again",
  async (test) => {
    console.log(`random crashes: seed ${seed}, ${rounds} rounds`);
    const random = seededRandom(seed);
    const github = await startFakeGithub(test, "--issues", "250", "--comments", "400", "--review-comments", "50");
    const world = await makeWorld(test, { entries: github.entry });
    await world.writeDocuments(120);
    for (let round = 0; round < rounds; round += 1) {
      const runner = world.workspace.launch(["run"]);
      const killed = pause(random() * longestLifeMs).then(() => runner.kill());
      const loaded = runner.listening().then(
        (url) => load(world, github, () => runner.hasExited, url),
        // Killed before it listened.
        () => undefined,
      );
      await Promise.all([killed, loaded]);
    }
    const survivor = await world.workspace.run();
    await world.slack.resend(await survivor.listening());
    const expected = await github.expected();
    await until("every item of GitHub has arrived", () => {
      const total = Object.values(expected).reduce((sum, count) => sum + count, 0);
      return Object.values(countByKind(world, "github.")).reduce((sum, count) => sum + count, 0) >= total;
    });
    await world.drained(survivor);
    expect(world.account(), `seed ${seed}`).toEqual(balanced);
    expect(countByKind(world, "github."), `seed ${seed}`).toEqual(expected);
    expect(world.slack.acknowledged.size).toBe(world.slack.declared.length);
  },
  120_000 + rounds * roundMs,
);

/** How many episodes whose kind begins so Statewave holds, by kind. */
function countByKind(world: World, prefix: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of world.statewave.episodes) if (type.startsWith(prefix)) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}
