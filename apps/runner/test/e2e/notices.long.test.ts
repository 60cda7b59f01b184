import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { fill, mountSmallDisk } from "./full-disk.ts";
import { sumOf } from "./metric-sum.ts";
import { arrived, failing, hookPath, json, remembered, startNoticeReceiver, worldWithNotices } from "./notice-receiver.ts";
import { until } from "./until.ts";

describe.concurrent("notices", () => {
  it("of a downtime are one message, and the outage that ended meanwhile is reported as over", async (test) => {
    const receiver = await startNoticeReceiver(test);
    const { workspace, statewave, slack } = await worldWithNotices(test, receiver.entry("ops", json('"sink_down", "downtime"')));
    statewave.setFaults(failing);
    const first = await workspace.run();
    await remembered(receiver, "began sink_down", workspace);
    await slack.sendMany(await first.listening(), 1);
    await first.kill();
    const downSinceMs = Date.now();
    await until("dues have passed", () => Date.now() >= downSinceMs + 2_000);
    statewave.setFaults([]);
    const second = await workspace.run();
    await arrived(receiver, "over sink_down");
    const downtimes = await until("the downtime is reported", () => {
      const told = receiver.messages.flatMap(({ downtime }) => (downtime === undefined ? [] : [downtime]));
      return told.length > 0 && told;
    });
    expect(downtimes).toEqual([expect.objectContaining({ missed_sources: 1, waiting_webhooks: 1 })]);
    expect(downtimes[0]?.missed_dues).toBeGreaterThanOrEqual(1);
    await second.terminate();
    expect(receiver.reports).toEqual(["began sink_down", "over sink_down"]);
  });

  it("show what a provider wrote so that it neither links nor mentions, as Slack and as a program get it", async (test) => {
    const provider = createServer((_, response) => {
      const message = "<!channel> @here see https://evil.example/x or evil.example";
      response.writeHead(401, { "content-type": "application/json" }).end(JSON.stringify({ message }));
    });
    await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
    test.onTestFinished(() => void provider.close());
    const url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
    const github = `[[pull.github]]\nname = "main"\nschedule = "every 1s"\nrepo = "acme/widgets"\ntoken = "t"\nbase_url = "${url}"\n`;
    const receivers = [await startNoticeReceiver(test), await startNoticeReceiver(test)] as const;
    const events = 'events = ["source_failing"]';
    const entries = receivers[0].entry("slack", events) + receivers[1].entry("program", `format = "json"\n${events}`);
    const { workspace } = await worldWithNotices(test, entries, github);
    await workspace.run();
    const text = await until("Slack gets it", () => receivers[0].messages[0]?.text);
    expect(text).toMatch(/^statewave-connectors on .+\nBEGAN source_failing: pull:github\/main fails/);
    const shown = (await until("a program gets it", () => receivers[1].messages[0]?.began))[0]?.text ?? "";
    for (const each of [text, shown]) {
      expect(each).toContain("hxxps[:]//evil[.]example/x or evil[.]example");
      expect(each).not.toMatch(/<[!@#]|@here|:\/\/|evil\.example/);
    }
  });

  it("are retried with a bound where their server hangs, fails or wants a pause; delivery continues, and no URL is shown", async (test) => {
    const [hanging, limited] = [await startNoticeReceiver(test), await startNoticeReceiver(test)];
    hanging.answer = () => "refused";
    limited.answer = (response) => {
      response.writeHead(limited.requests === 1 ? 500 : 429, { "retry-after": "1" }).end(hookPath);
      return "refused";
    };
    const events = json('"sink_down"');
    const world = await worldWithNotices(test, hanging.entry("hanging", events) + limited.entry("limited", events));
    const { workspace, statewave } = world;
    statewave.setFaults(failing);
    const runner = await workspace.run();
    await until("both are tried", () => hanging.requests > 0 && limited.requests > 0);
    statewave.setFaults([]);
    await world.writeDocuments(20);
    await world.slack.sendMany(await runner.listening(), 20);
    await world.drained(runner);
    expect(await runner.logged("a notice could not be sent and is tried again")).toMatchObject({ level: "warn" });
    await until("it is tried again", () => limited.requests > 1);
    let taken = 0;
    limited.answer = (response) => {
      taken += 1;
      response.end();
      return "taken";
    };
    await arrived(limited, "over sink_down");
    expect(limited.reports).toEqual(["began sink_down", "over sink_down"]);
    const metrics = await runner.metrics();
    expect(sumOf(metrics, "statewave_runner_notices_total", 'notify="limited",outcome="failed"')).toBe(limited.requests - taken);
    const texts: unknown[] = [metrics, await runner.readiness(), runner.stdout, runner.stderr];
    for (const command of [
      ["status", "--json"],
      ["audit", "--json"],
      ["validate-config", "--json"],
      ["state", "export"],
    ])
      texts.push(await workspace.command(...command));
    texts.push(await workspace.command("doctor", "--json"));
    expect(JSON.stringify(texts)).not.toMatch(/hook-secret|T0E2E\/B0E2E/);
    for (const { url } of [hanging, limited]) expect(JSON.stringify(texts)).not.toContain(new URL(url).host);
  });

  it("reach their receiver on a full disk, where nothing can be remembered", async (test) => {
    const receiver = await startNoticeReceiver(test);
    const world = await worldWithNotices(test, receiver.entry("ops", json('"disk_full", "state_unwritable"')));
    const obstacle = mountSmallDisk(world.workspace, test);
    test.skip(obstacle !== undefined, obstacle);
    const runner = await world.workspace.run();
    await arrived(receiver, "began disk_full");
    fill(world.workspace.path("state/rubbish"));
    await world.writeDocuments(1);
    await arrived(receiver, "began state_unwritable");
    expect(runner.hasExited).toBe(false);
  });
});
