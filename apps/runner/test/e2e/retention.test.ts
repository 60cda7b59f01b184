import { expect, it } from "vitest";
import { sumOf } from "./metric-sum.ts";
import { until } from "./until.ts";
import { makeWorld } from "./world.ts";

it("forgets a dead letter that has reached its age, counts it, and keeps what waits", async (test) => {
  const world = await makeWorld(test, { entries: '\n[runner.retention]\ndead_letters = "1s"\n' });
  const { workspace, statewave, slack } = world;
  statewave.setFaults([{ type: "refuse", marker: "mark:doc-000000", as: "422" }]);
  await world.writeDocuments(1);
  const runner = await workspace.run();
  const forgotten = async () => sumOf(await runner.metrics(), "statewave_runner_retention_forgotten_total");
  await until("the letter is forgotten", async () => (await forgotten()) === 1);
  expect(await workspace.jsonLines("dead-letters", "list", "--json")).toEqual([]);
  statewave.setFaults([{ type: "status", status: 503 }]);
  await slack.sendMany(await runner.listening(), 2);
  await until("they wait", async () => (await workspace.jsonLines("inbox", "list", "--json")).length === 2);
  statewave.setFaults([]);
  await until("they are delivered", () => statewave.episodes.length === 2);
});
