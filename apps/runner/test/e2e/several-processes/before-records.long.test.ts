import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { balanced } from "../ledger.ts";
import { until } from "../until.ts";
import { configName } from "../workspace.ts";
import { makeWorld } from "../world.ts";
import { checkOutProgram } from "./old-version.ts";

/** The last commit whose stores keep no records. */
const earlier = "f503edd3c249c6ddb0d8a6b738dd24632d42a43a";

it("a release before records resumes on a state in a file where this one stopped, and this one after it", async (test) => {
  const program = checkOutProgram(test, earlier);
  const world = await makeWorld(test, {});
  const { workspace } = world;
  const first = await workspace.run();
  await world.writeDocuments(10);
  await world.slack.sendMany(await first.listening(), 20);
  await world.drained(first);
  expect(await first.terminate()).toMatchObject({ code: 0 });

  // The earlier release has no such table.
  const config = await readFile(workspace.path(configName), "utf8");
  await workspace.write(configName, config.replace(/\[runner\.admin\]\n[^[]*/, ""));
  const old = workspace.launch(["run"], {}, program);
  await world.writeDocuments(10);
  await world.slack.sendMany(await old.listening(), 20);
  await until("the earlier release has read every document", () => world.account().missing.length === 0);
  expect(await old.terminate()).toMatchObject({ code: 0 });

  await workspace.write(configName, config);
  const again = await workspace.run();
  await world.writeDocuments(10);
  await world.drained(again);
  expect(await again.terminate()).toMatchObject({ code: 0 });
  expect(world.account()).toEqual(balanced);
  for (const runner of [first, old, again]) expect(runner.log.filter(({ level }) => level === "error")).toEqual([]);
});
