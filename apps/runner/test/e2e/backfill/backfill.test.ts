import { expect, it } from "vitest";
import { until } from "../until.ts";
import { allOf, makeBackfillWorld } from "./backfill-world.ts";

it("is counted, started, listed and cancelled while no runner runs, and never moves the live cursor", async (test) => {
  const world = await makeBackfillWorld(test);
  const { workspace } = world;
  await workspace.command("state", "set", "--yes", "ranged/all", "41");

  const counted = await workspace.command(...world.range(25), "--dry-run", "--json");
  expect(JSON.parse(counted.stdout)).toMatchObject({
    count: { source: "ranged/all", episodes: 25, by_kind: { "ranged.item": 25 }, first_at: "2025-01-01T00:00:00.000Z" },
  });
  expect(await workspace.command(...world.range(25))).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining("--yes"),
  });
  expect(world.items).toEqual([]);

  const done = await workspace.command(...world.range(25), "--yes");
  expect(done).toMatchObject({ code: 0, stderr: expect.stringMatching(/^(ranged\/all: \d+ episodes read, .*\n)*$/) });
  expect(done.stdout).toMatch(/^ranged\/all: backfill [0-9a-f]{10} done: 25 episodes read, 25 delivered/);
  expect(world.items).toEqual(allOf(25));
  expect((await workspace.command("state", "get", "ranged/all")).stdout).toBe("41\n");
  const [listed] = await world.backfills();
  expect(listed).toMatchObject({ source: "ranged/all", status: "done", delivered: 25 });
  expect(await workspace.command("backfill", "cancel", String(listed?.["id"]), "--yes")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("[PULL_BACKFILL_OVER]"),
  });
});

it("is refused with a reason where the connector has no ranges or the arguments make no sense", async (test) => {
  const world = await makeBackfillWorld(test);
  const { workspace } = world;
  const [, , ...rest] = world.range(1);
  expect(await workspace.command("backfill", "markdown/docs", ...rest, "--yes")).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/markdown\/docs does not read ranges[^\n]*PULL_RANGE_MISSING\]\nhint: [^\n]*ranged\/all/),
  });
  for (const args of [
    ["backfill", "ranged/all", "--yes"],
    ["backfill", "ranged/all", "--since", "yesterday", "--yes"],
    ["backfill", "ranged/all", "--since", "2025-01-02", "--until", "2025-01-01", "--yes"],
    ["backfill", "ranged/all", "--since", "1d", "--rate", "0", "--yes"],
    ["backfill", "ranged", "--since", "1d", "--yes"],
  ])
    expect({ args, ...(await workspace.command(...args)) }).toMatchObject({ args, code: 2, stdout: "" });
});

it("runs in the running process beside its live pull, refuses nothing to a second command, and can be cancelled", async (test) => {
  const world = await makeBackfillWorld(test, { schedule: "every 1s" });
  const { workspace, statewave } = world;
  const runner = await workspace.run();
  const slow = [...world.range(2_000), "--rate", "20", "--yes", "--json"];
  const first = workspace.launch(slow);
  await until("the backfill has begun", () => world.items.length > 0);
  const second = workspace.launch(slow);
  await until("both follow it", () => [first, second].every(({ stdout }) => stdout.includes('{"progress":')));
  const live = () => statewave.episodes.filter(({ payload }) => JSON.stringify(payload).includes("live:")).length;
  const before = live();
  await until("the live pull has run beside it", () => live() >= before + 2);

  const [listed] = await world.backfills();
  expect(listed).toMatchObject({ status: "open", per_second: 20, running_in: { pid: runner.pid } });
  expect(await workspace.command("backfill", "cancel", String(listed?.["id"]), "--yes")).toMatchObject({ code: 0 });
  for (const command of [first, second]) {
    expect(await command.exited).toMatchObject({ code: 1 });
    expect(command.stderr).toContain("[PULL_BACKFILL_CANCELLED]");
  }
  expect(world.items.length).toBeLessThan(2_000);
  expect(await runner.terminate()).toMatchObject({ code: 0 });
});

it("is resumed by the command that a kill -9 ended, and delivers each item once", async (test) => {
  const world = await makeBackfillWorld(test, { pageMs: 20 });
  const { workspace, statewave } = world;
  const args = [...world.range(400), "--yes", "--json"];
  for (const mark of [100, 200, 300]) {
    const command = workspace.launch(args);
    await until(`${mark} items are delivered`, () => world.items.length >= mark || command.hasExited);
    await command.kill();
  }
  const last = await workspace.command(...args);
  expect(last.code).toBe(0);
  const report = JSON.parse(last.stdout.trim().split("\n").at(-1)!) as { readonly backfill: Record<string, unknown> };
  expect(report.backfill).toMatchObject({ status: "done", episodes: 400, delivered: 400, pages: 40 });
  expect(world.items).toEqual(allOf(400));
  // A kill repeats one page at most.
  expect(statewave.stats().stored).toBe(400);
});

it("is resumed by the runner itself after a kill -9", async (test) => {
  const world = await makeBackfillWorld(test);
  const { workspace } = world;
  const first = await workspace.run();
  const command = workspace.launch([...world.range(300), "--rate", "50", "--yes"]);
  await until("it has begun", () => world.items.length > 20);
  await first.kill();
  expect(await command.exited).toMatchObject({ code: 1 });
  const second = await workspace.run();
  await until("everything is delivered", () => world.items.length === 300);
  await until("it is done", async () => (await world.backfills())[0]?.["status"] === "done");
  expect(world.items).toEqual(allOf(300));
  expect(await second.terminate()).toMatchObject({ code: 0 });
});

it("that Ctrl-C interrupts is stopped until its command is repeated", async (test) => {
  const world = await makeBackfillWorld(test);
  const { workspace } = world;
  const args = [...world.range(100), "--rate", "20", "--yes"];
  const command = workspace.launch(args);
  await until("it has begun", () => world.items.length > 20);
  command.signal("SIGINT");
  expect((await command.exited).code).not.toBe(0);
  expect(await world.backfills()).toMatchObject([{ status: "stopped" }]);
  const runner = await workspace.run();
  expect(await world.backfills()).toMatchObject([{ status: "stopped" }]);
  expect(await workspace.command(...world.range(100), "--rate", "1000", "--yes")).toMatchObject({ code: 0 });
  expect(world.items).toEqual(allOf(100));
  expect(await runner.terminate()).toMatchObject({ code: 0 });
});
