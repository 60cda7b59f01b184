import { expect, it } from "vitest";
import { until } from "../until.ts";
import { allOf, makeBackfillWorld } from "./backfill-world.ts";

const items = 100_000;
const kills = 20;

it(`delivers ${items} items once each, however often it is killed, and leaves the live cursor alone`, async (test) => {
  const world = await makeBackfillWorld(test, { pageSize: 100 });
  const { workspace, statewave } = world;
  await workspace.command("state", "set", "--yes", "ranged/all", "41");
  const args = [...world.range(items), "--yes", "--json"];
  for (let kill = 1; kill <= kills; kill += 1) {
    const command = workspace.launch(args);
    const mark = Math.floor((items / (kills + 1)) * kill);
    await until(`${mark} items are delivered`, () => statewave.stats().stored >= mark || command.hasExited);
    expect({ hasExited: command.hasExited, stderr: command.stderr }).toEqual({ hasExited: false, stderr: "" });
    await command.kill();
  }
  const last = await workspace.command(...args);
  const report = JSON.parse(last.stdout.trim().split("\n").at(-1)!) as { readonly backfill: Record<string, unknown> };
  expect(report.backfill).toMatchObject({ status: "done", episodes: items, delivered: items });
  expect(world.items).toEqual(allOf(items));
  expect((await workspace.command("state", "get", "ranged/all")).stdout).toBe("41\n");
});
