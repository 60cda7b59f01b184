import { describe, expect, it } from "vitest";
import { sumOf } from "./metric-sum.ts";
import { arrived, failing, json, remembered, startNoticeReceiver, worldWithNotices } from "./notice-receiver.ts";
import { until } from "./until.ts";

describe.concurrent("notices", () => {
  it("of an outage that survives kill -9 are one message when it begins and one when it is over", async (test) => {
    const receiver = await startNoticeReceiver(test);
    const { workspace, statewave } = await worldWithNotices(test, receiver.entry("ops", json('"sink_down"')));
    statewave.setFaults(failing);
    const first = await workspace.run();
    await remembered(receiver, "began sink_down", workspace);
    await first.kill();
    const second = await workspace.run();
    await until(
      "Statewave is tried again",
      async () => sumOf(await second.metrics(), "statewave_runner_sink_requests_total") > 0,
    );
    statewave.setFaults([]);
    await arrived(receiver, "over sink_down");
    expect(sumOf(await second.metrics(), "statewave_runner_notices_total", 'outcome="sent"')).toBe(1);
    await second.terminate();
    expect(receiver.reports).toEqual(["began sink_down", "over sink_down"]);
    expect(new Set(receiver.messages.flatMap(({ began = [], over = [] }) => [...began, ...over].map(({ id }) => id))).size).toBe(
      1,
    );
  });
});

describe.concurrent("doctor", () => {
  it("tries the server of a [[notify]] and sends nothing, unless a test message is wanted", async (test) => {
    const receiver = await startNoticeReceiver(test);
    const { workspace } = await worldWithNotices(test, receiver.entry("ops"));
    const checked = await workspace.command("doctor");
    expect(checked.stdout).toContain("ok   notify ops: its server accepts connections; nothing was sent (format slack)");
    expect(receiver.requests).toBe(0);
    const sent = await workspace.command("doctor", "--test-notify");
    expect(sent.stdout).toContain("ok   notify ops: the server accepted a test message in the format slack");
    expect(receiver.messages.map(({ text }) => text)).toEqual([expect.stringContaining("This is a test of notices")]);
    receiver.answer = (response) => {
      response.writeHead(404).end();
      return "refused";
    };
    const refused = await workspace.command("doctor", "--test-notify");
    expect(refused.stdout).toContain("FAIL notify ops: the server did not accept a test message: it answered 404");
    expect(refused.stdout).toMatch(/at: line \d+, \[\[notify\]\]/);
    expect(checked.stdout + sent.stdout + refused.stdout).not.toContain("hook-secret");
  });
});
