import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { expect, it } from "vitest";
import { fill, mountSmallDisk } from "./full-disk.ts";
import { balanced } from "./ledger.ts";
import { until } from "./until.ts";
import { makeWorld } from "./world.ts";

const isRoot = process.getuid?.() === 0;

it("answers 503 with Retry-After while the disk is full, resumes when there is room, and loses nothing it acknowledged", async (test) => {
  const world = await makeWorld(test);
  const { workspace, slack, statewave } = world;
  const obstacle = mountSmallDisk(workspace, test);
  test.skip(obstacle !== undefined, obstacle);
  const runner = await workspace.run();
  const url = await runner.listening();
  await slack.sendMany(url, 20);
  await world.drained(runner);

  // Statewave is down as well, so that nothing leaves the inbox meanwhile.
  statewave.setFaults([{ type: "status", status: 503 }]);
  await world.writeDocuments(10);
  fill(workspace.path("state", "ballast"));
  await until("a webhook is refused for want of room", async () => {
    await slack.sendMany(url, 5);
    return slack.lastRefusal;
  });
  expect(slack.lastRefusal?.status).toBe(503);
  expect(slack.lastRefusal?.headers.get("retry-after")).toMatch(/^\d+$/);
  await slack.sendMany(url, 20);
  expect(runner.hasExited).toBe(false);

  rmSync(workspace.path("state", "ballast"));
  statewave.setFaults([]);
  await until("webhooks are taken again", async () => {
    await slack.resend(url);
    return slack.acknowledged.size === slack.declared.length;
  });
  await world.drained(runner);
  expect(world.account()).toEqual(balanced);
  expect((await runner.terminate()).code).toBe(0);
});

it("refuses to start on a state folder that it may not write to, in one sentence with a hint", async (test) => {
  const { workspace } = await makeWorld(test);
  if (isRoot) {
    // Root may write to any folder, but not make one inside a file.
    await workspace.write("state", "a file where the folder should be");
  } else {
    mkdirSync(workspace.path("state"));
    chmodSync(workspace.path("state"), 0o500);
  }
  const { code, stderr, stdout } = await workspace.command("run");
  expect(code).toBe(4);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^error: .*state.* \[STORE_\w+\]\nhint: .+\n$/);
});
