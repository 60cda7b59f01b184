import { expect, it } from "vitest";
import { until } from "./until.ts";
import { makeWorld } from "./world.ts";

const compile = '[statewave.compile]\nmode = "after"\nquiet = "1s"\n';

it("compiles what changed before a kill -9 once the program runs again", async (test) => {
  const world = await makeWorld(test, { statewave: compile });
  const { statewave, workspace } = world;
  // Nothing can be compiled before the kill, however slow it is to come.
  statewave.setFaults([{ type: "compile_status", status: 503 }]);
  const first = await workspace.run();
  await world.writeDocuments(3);
  await world.slack.sendMany(await first.listening(), 2);
  await world.drained(first);
  await first.kill();
  const delivered = statewave.subjects.map(({ subject_id: subject, compiled, uncompiled }) => ({
    subject,
    compiled,
    uncompiled,
  }));
  expect(delivered).toHaveLength(2);
  expect(delivered.filter(({ compiled }) => compiled > 0)).toEqual([]);

  statewave.setFaults([]);
  const stored = statewave.stats().stored;
  const second = await workspace.run();
  await until("every subject is compiled", () => statewave.subjects.every(({ uncompiled }) => uncompiled === 0));
  expect(statewave.stats()).toMatchObject({ stored });
  expect(statewave.subjects.map(({ subject_id: subject, compiled }) => ({ subject, compiled }))).toEqual(
    delivered.map(({ subject, uncompiled }) => ({ subject, compiled: uncompiled })),
  );
  expect(await second.terminate()).toMatchObject({ code: 0 });
});
