import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fill, mountSmallDisk } from "./full-disk.ts";
import { sumOf } from "./metric-sum.ts";
import type { RunnerProcess } from "./runner-process.ts";
import { until } from "./until.ts";
import { configName, slackSecret } from "./workspace.ts";
import { makeWorld } from "./world.ts";

/** What the webhook port answers to everyone. */
async function probe(runner: RunnerProcess) {
  const response = await fetch(`${await runner.listening()}/readyz`);
  return { status: response.status, body: await response.json() };
}

async function becomesUnready(runner: RunnerProcess): Promise<void> {
  await until("/readyz answers 503", async () => (await probe(runner)).status === 503);
  expect((await probe(runner)).body).toEqual({ status: "not_ready" });
}

const lines = (runner: RunnerProcess, message: string) => runner.log.filter(({ msg }) => msg === message);

/** A receiver and no pull source. */
const pushOnly = (statewaveUrl: string) => `
[statewave]
url = "${statewaveUrl}"
[runner]
host = "127.0.0.1"
port = 0
state_dir = "./state"
drain_timeout = "4s"
[runner.admin]
listen = "127.0.0.1:0"
[runner.state]
kind = "file"
[[push.slack]]
name = "team"
signing_secret = "${slackSecret}"
`;

describe("a state that can be read but not written makes the runner unready, by itself and for everyone to see", () => {
  it("a full disk, with webhooks and dues, until there is room", async (test) => {
    const world = await makeWorld(test);
    const obstacle = mountSmallDisk(world.workspace, test);
    test.skip(obstacle !== undefined, obstacle);
    const runner = await world.workspace.run();
    const url = await runner.listening();
    await world.slack.sendMany(url, 5);
    await world.drained(runner);
    expect((await probe(runner)).status).toBe(200);

    fill(world.workspace.path("state", "ballast"));
    await until("a webhook is refused", async () => {
      await world.slack.sendMany(url, 5);
      return world.slack.lastRefusal;
    });
    await becomesUnready(runner);
    await until("the inbox is reported", async () => {
      const { body } = await runner.readiness();
      return (body["inbox"] as { status: string }).status === "down";
    });
    const metrics = await runner.metrics();
    expect(sumOf(metrics, "statewave_runner_ready")).toBe(0);
    expect(sumOf(metrics, "statewave_runner_store_writable", 'store="inbox"')).toBe(0);
    await until("the cursor store is reported", async () => {
      const writable = sumOf(await runner.metrics(), "statewave_runner_store_writable", 'store="cursor_store"');
      return writable === 0 && ((await runner.readiness()).body["store"] as { status: string }).status === "down";
    });
    expect(lines(runner, "a store cannot be written to").map(({ store }) => store)).toHaveLength(2);

    rmSync(world.workspace.path("state", "ballast"));
    await until("/readyz answers 200 again", async () => (await probe(runner)).status === 200);
    expect(sumOf(await runner.metrics(), "statewave_runner_ready")).toBe(1);
    await until("webhooks are taken again", async () => {
      await world.slack.resend(url);
      return world.slack.acknowledged.size === world.slack.declared.length;
    });
    await world.drained(runner);
    expect((await runner.terminate()).code).toBe(0);
  });

  it("a limit on the size of files, with one webhook and then no traffic at all", async (test) => {
    test.skip(process.platform !== "linux", "only Linux can limit a running process from outside");
    const world = await makeWorld(test);
    await world.workspace.write(configName, pushOnly(world.statewave.url));
    const runner = await world.workspace.run();
    const url = await runner.listening();
    await world.slack.sendMany(url, 1);
    limitFileSize(runner.pid, "0");
    await until("a webhook is refused", async () => {
      await world.slack.sendMany(url, 1);
      return world.slack.lastRefusal;
    });
    await becomesUnready(runner);
    limitFileSize(runner.pid, "unlimited");
    await until("/readyz answers 200 again without a webhook", async () => (await probe(runner)).status === 200);
    await world.slack.resend(url);
    expect(world.slack.acknowledged.size).toBe(world.slack.declared.length);
    await runner.terminate();
  });
});

/** Writes beyond `bytes` fail with EFBIG, as they would with ENOSPC on a full disk. The hard limit stays. */
function limitFileSize(pid: number, bytes: string): void {
  execFileSync("prlimit", ["--pid", String(pid), `--fsize=${bytes}:`]);
}
