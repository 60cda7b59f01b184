import { describe, expect, it } from "vitest";
import { until } from "./until.ts";
import { configName, configText } from "./workspace.ts";
import { makeWorld } from "./world.ts";

describe.concurrent.each([{ running: true }, { running: false }])("the inbox (runner running: $running)", ({ running }) => {
  it("shows what waits, redacted, and where an event is until it is settled", async (test) => {
    const world = await makeWorld(test);
    const { workspace, statewave, slack } = world;
    await workspace.write(configName, configText({ statewaveUrl: statewave.url }));
    statewave.setFaults([{ type: "hang" }]);
    const runner = await workspace.run();
    const [marker = ""] = slack.declare(1);
    expect(await slack.send(await runner.listening(), marker)).toBe(200);
    if (!running) await runner.kill();

    const [item, ...others] = await workspace.jsonLines("inbox", "list", "--json");
    expect([item, others]).toMatchObject([
      { source: "slack/team", type: "event", id: "Ev000000", accepted_at: expect.stringMatching(/^20/) },
      [],
    ]);
    expect((await workspace.command("inbox", "list")).stdout).toMatch(
      /^KEY +SOURCE +TYPE +ACCEPTED +ATTEMPTS +STATE +ID\n.* slack\/team +event .* Ev000000\n$/,
    );
    expect((await workspace.command("inbox", "list", "--source", "markdown/docs")).stdout).toBe("nothing waits\n");
    const shown = JSON.parse((await workspace.command("inbox", "show", String(item?.["key"]))).stdout) as Record<string, unknown>;
    expect(shown).toMatchObject({ id: "Ev000000", item: { type: "event", body: expect.stringContaining(marker) } });
    expect(JSON.stringify(shown)).not.toContain("x-slack-signature");
    expect((await workspace.command("inbox", "show", "12345")).code).toBe(1);

    const waiting = await workspace.command("trace", "Ev000000");
    expect(waiting.code).toBe(0);
    expect(waiting.stdout).toMatch(
      /^inbox: item .* of slack\/team, accepted .*\nslack\/team accepted it within dedup_window.*\nit is not delivered from there yet\n$/,
    );
    statewave.setFaults([]);
    const later = running ? runner : await workspace.run();
    await world.drained(later);
    const settled = await until("it is settled", async () => {
      const [trace] = await workspace.jsonLines("trace", "Ev000000", "--json");
      const findings = trace?.["findings"] as readonly unknown[] | undefined;
      return findings?.length === 1 && trace;
    });
    expect(settled).toMatchObject({
      query: "Ev000000",
      findings: [{ where: "remembered", source: "slack/team" }],
      remark: expect.stringContaining("settled"),
    });
    expect(await workspace.command("trace", "Ev999999")).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^nothing is stored under it/),
    });
  });
});
