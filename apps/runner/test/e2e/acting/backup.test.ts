import { rmSync, statSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { balanced } from "../ledger.ts";
import { until } from "../until.ts";
import { makeWorld } from "../world.ts";

it("a back-up of a running state loses nothing when it is restored after the disk is lost", async (test) => {
  const world = await makeWorld(test);
  const { workspace, statewave } = world;
  await world.writeDocuments(3);
  statewave.setFaults([{ type: "refuse", marker: "mark:doc-000001", as: "422" }]);
  const first = await workspace.run();
  await world.drained(first);
  // From here on webhooks wait, and new documents are not delivered.
  statewave.setFaults([{ type: "status", status: 503 }]);
  await world.slack.sendMany(await first.listening(), 30);
  const copied = await workspace.command("backup", "copy", "--json");
  expect(copied).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(copied.stdout)).toMatchObject({
    folder: workspace.path("copy"),
    files: [{ name: "cursors.json" }, { name: "cursors.json.records" }, { name: "inbox.sqlite" }],
  });
  for (const name of ["cursors.json", "cursors.json.records", "inbox.sqlite", "backup.json"])
    expect(statSync(workspace.path("copy", name)).mode & 0o077).toBe(0);
  expect(await workspace.command("backup", "copy")).toMatchObject({ code: 4, stderr: expect.stringContaining("is not empty") });
  // Restoring is refused while the runner has the files open.
  expect(await workspace.command("restore", "copy", "--yes")).toMatchObject({
    code: 4,
    stderr: expect.stringContaining("_LOCKED]"),
  });
  await first.kill();
  rmSync(workspace.path("state"), { recursive: true });

  expect(await workspace.command("restore", "copy")).toMatchObject({ code: 2, stdout: "" });
  expect(await workspace.command("restore", "copy", "--yes")).toMatchObject({ code: 0, stderr: "" });
  const [restored] = await workspace.jsonLines("audit", "--json");
  expect(restored).toMatchObject({ command: "restore", outcome: "done" });
  statewave.setFaults([]);
  const second = await workspace.run();
  await world.drained(second);
  expect(world.account(await world.buried())).toEqual(balanced);
  expect(await second.terminate()).toMatchObject({ code: 0 });
});

it("a back-up is made while no runner runs, and a damaged or unfinished one is refused and changes nothing", async (test) => {
  const world = await makeWorld(test);
  const { workspace } = world;
  await world.writeDocuments(1);
  expect((await workspace.command("sync", "markdown/docs")).code).toBe(0);
  expect((await workspace.command("backup", "copy")).code).toBe(0);
  const cursor = (await workspace.command("state", "get", "markdown/docs")).stdout;
  expect((await workspace.command("state", "set", "--yes", "markdown/docs", "other", "--force")).code).toBe(0);
  writeFileSync(workspace.path("copy", "cursors.json"), "{}");
  expect(await workspace.command("restore", "copy", "--yes")).toMatchObject({
    code: 4,
    stderr: expect.stringMatching(/cursors\.json is not as it was written \[STORE_BACKUP_INVALID\]/),
  });
  expect(await workspace.command("restore", "docs", "--yes")).toMatchObject({
    code: 4,
    stderr: expect.stringContaining("[STORE_BACKUP_INVALID]"),
  });
  expect((await workspace.command("state", "get", "markdown/docs")).stdout).toBe("other\n");
  rmSync(workspace.path("copy"), { recursive: true });
  expect((await workspace.command("state", "undo", "markdown/docs", "--yes")).code).toBe(0);
  expect((await workspace.command("backup", "copy")).code).toBe(0);
  expect((await workspace.command("state", "delete", "--yes", "markdown/docs")).code).toBe(0);
  expect((await workspace.command("restore", "copy", "--yes")).code).toBe(0);
  expect((await workspace.command("state", "get", "markdown/docs")).stdout).toBe(cursor);
});

it("a state on a server has no back-up here, and says so", async (test) => {
  const world = await makeWorld(test, { state: "memory" });
  const { workspace } = world;
  const refused = await workspace.command("restore", "copy", "--yes");
  expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining("[STORE_BACKUP_UNSUPPORTED]") });
  await until("nothing was made", () => workspace.list("copy").length === 0);
});
