import { rm } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { balanced } from "../ledger.ts";
import type { RunnerProcess } from "../runner-process.ts";
import { until } from "../until.ts";
import { configName, configText, slackSecret } from "../workspace.ts";
import { makeWorld, type World } from "../world.ts";
import { gatedPages } from "./gated-connector.ts";
import { makeGatedWorld, pagesReadBy } from "./gated-world.ts";

/** The configuration of a world, with entries of other files, and with the secret of its receiver in a file. */
async function writeConfig({ workspace, statewave }: World, change = (text: string) => text): Promise<void> {
  const text = configText({ statewaveUrl: statewave.url }).replace(`"${slackSecret}"`, '"${file:./secret}"');
  await workspace.write(configName, change(`include = ["sources/*.toml"]\n${text}`));
}

async function makeReloadedWorld(test: Parameters<typeof makeWorld>[0]): Promise<World> {
  const world = await makeWorld(test);
  await world.workspace.write("secret", slackSecret);
  await world.workspace.write("sources/readme.md", "");
  await writeConfig(world);
  return world;
}

const second = '[[push.slack]]\nname = "second"\nsigning_secret = "another-signing-secret"\n';
const postTo = async (url: string, name: string) =>
  (await fetch(`${url}/slack/${name}/events`, { method: "POST", body: "{}" })).status;
const reloads = ({ log }: RunnerProcess) => log.filter(({ msg }) => msg === "configuration reloaded").length;

/** Sends SIGHUP, and resolves when the process has answered it. */
async function hangUp(runner: RunnerProcess): Promise<void> {
  const before = reloads(runner);
  runner.signal("SIGHUP");
  await until("the configuration is reloaded", () => reloads(runner) > before);
}

describe.concurrent("a running process", () => {
  it("applies a changed file and a replaced secret on `reload`, and says what needs a restart", async (test) => {
    const world = await makeReloadedWorld(test);
    const { workspace, slack } = world;
    const runner = await workspace.run();
    const url = await runner.listening();
    await slack.sendMany(url, 5);
    expect(await postTo(url, "second")).toBe(404);

    await workspace.write("secret", "the-rotated-signing-secret");
    await workspace.write(
      "sources/more.toml",
      `${second}[[pull.markdown]]\nname = "more"\nschedule = "every 1s"\npath = "./more"\n`,
    );
    await workspace.write("more/note.md", "# Note\n\nThis is more.\n");
    await writeConfig(world, (text) => text.replace("port = 0", "port = 1"));
    expect(await workspace.command("reload", "--as", "Ana")).toMatchObject({
      code: 1,
      stdout: [
        "[runner] port: needs a restart",
        "pull:markdown/more: added",
        "push:slack/team: changed",
        "push:slack/second: added",
        "1 entry unchanged\n",
      ].join("\n"),
    });
    expect([await slack.send(url, slack.declare(1)[0] ?? ""), await postTo(url, "second")]).toEqual([401, 401]);
    slack.secret = "the-rotated-signing-secret";
    await slack.sendMany(url, 5);
    await slack.resend(url);
    await world.writeDocuments(2);
    await world.drained(runner);
    await until("the added source is read", () => JSON.stringify(world.statewave.episodes).includes("This is more."));
    const [action] = await workspace.jsonLines("audit", "--json");
    expect(action).toMatchObject({
      command: "reload",
      as: "Ana",
      outcome: "done",
      targets: ["[runner] port", "pull:markdown/more", "push:slack/team", "push:slack/second"],
    });

    await writeConfig(world);
    await rm(workspace.path("sources/more.toml"));
    expect(await workspace.jsonLines("reload", "--json")).toEqual([
      { subject: "push:slack/second", result: "removed" },
      { subject: "pull:markdown/more", result: "removed" },
      { unchanged: 2 },
    ]);
    expect(await postTo(url, "second")).toBe(404);
    const stored = JSON.parse((await workspace.command("state", "list", "--json")).stdout) as { readonly source: string }[];
    const removed = stored.find(({ source }) => source === "markdown/more");
    expect(removed).toMatchObject({ configured: false, cursor: expect.any(String) });
    expect(removed).not.toHaveProperty("lease");
    expect(world.account()).toEqual(balanced);
  });

  it("keeps everything on SIGHUP when the configuration is broken, and says so once with file and line", async (test) => {
    const world = await makeReloadedWorld(test);
    const { workspace, slack } = world;
    const runner = await workspace.run();
    const url = await runner.listening();
    await workspace.write("sources/more.toml", second);
    await workspace.write("sources/wrong.toml", `${second.replace("second", "third")}unknown = 1\n`);
    runner.signal("SIGHUP");
    const line = await runner.logged("the configuration cannot be reloaded, and everything stays as it was");
    expect(line).toMatchObject({ level: "error" });
    expect(JSON.stringify(line)).toContain("sources/wrong.toml, line 4: push.slack[0].unknown: unknown key");
    const { code, stderr } = await workspace.command("reload");
    expect([code, stderr]).toEqual([3, expect.stringContaining("sources/wrong.toml, line 4: push.slack[0].unknown")]);
    expect(await postTo(url, "second")).toBe(404);
    await slack.sendMany(url, 5);

    await rm(workspace.path("sources/wrong.toml"));
    await hangUp(runner);
    expect(runner.log.filter(({ subject }) => subject !== undefined)).toMatchObject([
      { level: "info", msg: "a change is applied", subject: "push:slack/second", result: "added" },
    ]);
    const [action] = await workspace.jsonLines("audit", "--json");
    expect(action).toMatchObject({ command: "reload", as: "SIGHUP" });
    expect(await postTo(url, "second")).toBe(401);
    await world.drained(runner);
    expect(world.account()).toEqual(balanced);
  });

  it("answers every webhook of an unchanged receiver while it is reloaded over and over", async (test) => {
    const world = await makeReloadedWorld(test);
    const { workspace, slack } = world;
    const runner = await workspace.run();
    const url = await runner.listening();
    for (let round = 0; round < 5; round += 1) {
      await workspace.write("sources/more.toml", second.replace("second", `second-${round}`));
      const sending = slack.sendMany(url, 40);
      for (let signal = 0; signal < 10; signal += 1) runner.signal("SIGHUP");
      await hangUp(runner);
      await sending;
    }
    expect([slack.acknowledged.size, slack.lastRefusal]).toEqual([200, undefined]);
    await until("the latest file is in effect", async () => (await postTo(url, "second-4")) === 401);
    await world.drained(runner);
    expect(world.account()).toEqual(balanced);
    expect(await runner.terminate()).toMatchObject({ code: 0 });
  });

  it("delivers the page under way and reads the rest with the new options: none is missing, none comes twice", async (test) => {
    const world = await makeGatedWorld(test);
    await world.allow(1, 2);
    const runner = await world.workspace.run();
    await world.readerOf(3);
    await world.configure("next");
    runner.signal("SIGHUP");
    expect(await runner.logged("a change is applied")).toMatchObject({ subject: "pull:gated/pages", result: "changed" });
    await world.allow(3, 4, 5, 6);
    await until("all pages are delivered", async () => (await world.delivered()).length >= gatedPages);
    await runner.terminate();
    expect(await world.delivered()).toEqual([...pagesReadBy("former", 1, 3), ...pagesReadBy("next", 4, 6)]);
  });
});
