import { startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { describe, expect, it } from "vitest";
import { until } from "./until.ts";
import { configName, configText, type Ending } from "./workspace.ts";
import { makeWorld, type World } from "./world.ts";

const foreignWarning = "cursors belong to another sink: what they passed over is not sent to this one";

/** A world whose documents are all in its first Statewave, and the address of a second one that has nothing. */
async function moved(test: Ending, statewave = "") {
  const world = await makeWorld(test, { statewave });
  await world.writeDocuments(3);
  const runner = await world.workspace.run();
  await world.drained(runner);
  await until("the cursor is stored", async () => (await cursorOf(world)) !== "");
  expect((await runner.terminate()).code).toBe(0);
  const second = await startFakeStatewave();
  test.onTestFinished(() => second.close());
  return { world, second };
}

async function cursorOf(world: World): Promise<string> {
  return (await world.workspace.command("state", "get", "markdown/docs")).stdout;
}

async function listedState(world: World): Promise<unknown> {
  return JSON.parse((await world.workspace.command("state", "list", "--json")).stdout);
}

function configure(world: World, statewaveUrl: string, statewave = ""): Promise<void> {
  return world.workspace.write(configName, configText({ statewaveUrl, statewave }));
}

describe.concurrent("another [statewave] url", () => {
  it("is reported once with both commands, shown in /readyz and counted, and state reset sends everything to it", async (test) => {
    const { world, second } = await moved(test);
    await configure(world, second.url);
    const runner = await world.workspace.run();
    const warning = await runner.logged(foreignWarning);
    expect(warning).toMatchObject({
      level: "warn",
      sink: second.url,
      cursors_of: [world.statewave.url],
      sources: ["markdown/docs"],
      hint: expect.stringMatching(/state reset --all --config \S+`.*state adopt --all --config \S+`/),
    });
    const { status, body } = await runner.readiness();
    expect(status).toBe(200);
    expect(body["sink"]).toMatchObject({
      status: "degraded",
      detail: expect.stringContaining(`the cursors of markdown/docs belong to another sink (${world.statewave.url})`),
    });
    expect(await runner.metrics()).toContain("statewave_runner_foreign_cursors 1");

    await world.writeDocuments(1);
    await until("only the new document arrives", () => second.episodes.length === 1);
    expect(runner.log.filter(({ msg }) => msg === foreignWarning)).toHaveLength(1);

    const reset = await world.workspace.command("state", "reset", "--all", "--yes");
    expect(reset).toMatchObject({
      code: 0,
      stdout: `markdown/docs: cursor forgotten; the next run sends everything to ${second.url}\n`,
    });
    await until("all documents arrive", () => second.episodes.length === 4);
    await until("nothing is marked any more", async () =>
      (await runner.metrics()).includes("statewave_runner_foreign_cursors 0"),
    );
    expect((await runner.terminate()).code).toBe(0);
    const again = await world.workspace.run();
    expect(again.log.filter(({ msg }) => msg === foreignWarning)).toEqual([]);
    expect(await again.metrics()).toContain("statewave_runner_foreign_cursors 0");
  });

  it.for([true, false])(
    "is shown by state list, status and doctor, with commands that find the same file (a runner runs: %s)",
    async (running, test) => {
      const { world, second } = await moved(test);
      const before = await listedState(world);
      expect(before).toEqual([expect.not.objectContaining({ cursor_of: expect.anything() })]);
      await configure(world, second.url);
      if (running) await world.workspace.run();
      const { stdout, stderr } = await world.workspace.command("state", "list");
      expect(stdout).toMatch(new RegExp(`^markdown/docs .*cursor of ${world.statewave.url}$`, "m"));
      const file = world.workspace.path(configName);
      expect(stderr).toContain(`\`statewave-connectors state reset --all --config ${file}\``);
      expect(stderr).toContain(`\`statewave-connectors state adopt --all --config ${file}\``);
      const listed = await listedState(world);
      expect(listed).toMatchObject([{ source: "markdown/docs", cursor_of: [world.statewave.url] }]);
      const status = await world.workspace.command("status");
      expect(status.code).toBe(10);
      expect(status.stdout).toMatch(new RegExp(`pull:markdown/docs .*cursor of ${world.statewave.url}: run state reset`));
      const doctor = await world.workspace.command("doctor");
      expect(doctor.code).toBe(1);
      expect(doctor.stdout).toMatch(/^FAIL .*the cursors of markdown\/docs belong to another sink/m);
    },
  );

  it("state reset --all says which stored sources are not in the configuration and keep their cursors", async (test) => {
    const { world, second } = await moved(test);
    const { workspace } = world;
    await workspace.command("state", "set", "--yes", "github/gone", "c1", "--force");
    await configure(world, second.url);
    const file = workspace.path(configName);
    expect(await workspace.command("state", "reset", "--all", "--yes")).toMatchObject({
      code: 0,
      stdout: `markdown/docs: cursor forgotten; the next run sends everything to ${second.url}\n`,
      stderr: `github/gone is not in the configuration: cursor kept\nhint: run \`statewave-connectors state reset github/gone --config ${file}\` to forget it, too\n`,
    });
    const again = JSON.parse((await workspace.command("state", "reset", "--all", "--yes", "--json")).stdout);
    expect(again).toEqual({ sink: second.url, reset: [], kept: ["github/gone"] });
    expect((await workspace.command("state", "reset", "github/gone", "--yes")).stdout).toContain("github/gone: cursor forgotten");
    expect(JSON.parse((await workspace.command("state", "reset", "--all", "--yes", "--json")).stdout)).toEqual({
      sink: second.url,
      reset: [],
    });
  });

  it("is accepted by state adopt while nothing runs: the cursors stay, and nothing is sent again", async (test) => {
    const { world, second } = await moved(test);
    await configure(world, second.url);
    const before = await cursorOf(world);
    const adopted = await world.workspace.command("state", "adopt", "--yes", "--json");
    expect(JSON.parse(adopted.stdout)).toEqual({ sink: second.url, adopted: ["markdown/docs"] });
    expect(await cursorOf(world)).toBe(before);
    const runner = await world.workspace.run();
    await world.writeDocuments(1);
    await until("the new document arrives", () => second.episodes.length === 1);
    expect(runner.log.filter(({ msg }) => msg === foreignWarning)).toEqual([]);
  });

  it("is warned of by sync and its dry run, and by a return to the first one after the second was delivered to", async (test) => {
    const { world, second } = await moved(test);
    await configure(world, second.url);
    await world.writeDocuments(1);
    const dryRun = await world.workspace.command("sync", "markdown/docs", "--dry-run");
    expect(dryRun).toMatchObject({ code: 0, stderr: expect.stringContaining(`belongs to ${world.statewave.url}`) });
    expect(dryRun.stderr).toMatch(/state reset markdown\/docs --config \S+`.*state adopt markdown\/docs --config \S+`/);
    const real = await world.workspace.command("sync", "markdown/docs", "--json");
    expect(JSON.parse(real.stdout)).toMatchObject({ delivered: 1, cursor_of: [world.statewave.url] });
    expect(second.episodes).toHaveLength(1);

    await configure(world, world.statewave.url);
    const runner = await world.workspace.run();
    expect(await runner.logged(foreignWarning)).toMatchObject({ cursors_of: [second.url], sink: world.statewave.url });
  });

  it("may be another tenant of the same server", async (test) => {
    const { world } = await moved(test, 'tenant_id = "acme"');
    await configure(world, world.statewave.url, 'tenant_id = "globex"');
    const runner = await world.workspace.run();
    expect(await runner.logged(foreignWarning)).toMatchObject({
      cursors_of: [`${world.statewave.url}, tenant acme`],
      sink: `${world.statewave.url}, tenant globex`,
    });
  });

  it("may be a file, and another key, user info or a slash at the end make no other sink", async (test) => {
    const { world } = await moved(test);
    const { host } = new URL(world.statewave.url);
    await configure(world, `http://me:secret@${host}/`, 'api_key = "new"');
    const same = await world.workspace.run();
    await same.terminate();
    expect(same.log.filter(({ msg }) => msg === foreignWarning)).toEqual([]);
    await configure(world, "file:./episodes.jsonl");
    const runner = await world.workspace.run();
    const warning = await runner.logged(foreignWarning);
    expect(warning["sink"]).toBe(`file:${world.workspace.path("episodes.jsonl")}`);
    expect(runner.stderr + runner.stdout).not.toContain("secret");
  });

  it("state reset of a runner that still has the old address is refused, naming both", async (test) => {
    const { world, second } = await moved(test);
    await world.workspace.run();
    await configure(world, second.url);
    const refused = await world.workspace.command("state", "reset", "markdown/docs", "--yes");
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain(world.statewave.url);
    expect(refused.stderr).toContain(second.url);
    expect(await cursorOf(world)).not.toBe("");
  });
});
