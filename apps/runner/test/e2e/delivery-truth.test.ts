import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { until } from "./until.ts";
import { configName, configText, type Ending, makeWorkspace } from "./workspace.ts";
import { makeWorld } from "./world.ts";

/** A server that answers every request with success, and is not Statewave. */
async function stranger({ onTestFinished }: Ending, status: number, type: string, body: string) {
  const seen = { batches: 0 };
  const server = createServer((request, response) => {
    // The look at the start sends a batch without an episode.
    if (Number(request.headers["content-length"]) > '{"episodes":[]}'.length) seen.batches += 1;
    request.resume().on("end", () => response.writeHead(status, { "content-type": type }).end(body));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const refuseAll = { type: "refuse", marker: "mark:", as: "422" } as const;

describe.concurrent("reports of a delivery", () => {
  it("counts buried webhooks as buried, and so when their dead letters are retried", async (test) => {
    const world = await makeWorld(test);
    world.statewave.setFaults([refuseAll]);
    const runner = await world.workspace.run();
    await world.slack.sendMany(await runner.listening(), 3);
    const counts = (of: "delivered" | "buried") =>
      runner.log.reduce(
        (sum, line) => (line["source"] === "slack/team" && line.msg === "events processed" ? sum + Number(line[of]) : sum),
        0,
      );
    await until("three are reported as buried", () => counts("buried") === 3);
    expect(counts("delivered")).toBe(0);
    expect(runner.stderr).not.toContain("events delivered");
    expect(await runner.metrics()).toContain('statewave_runner_episodes_total{kind="slack",name="team",outcome="buried"} 3');

    await world.workspace.command("dead-letters", "retry", "--all", "--yes");
    await until("they are reported as buried once more", () => counts("buried") === 6);
    world.statewave.setFaults([]);
    await world.workspace.command("dead-letters", "retry", "--all", "--yes");
    await until("they are reported as delivered", () => counts("delivered") === 3);
    expect(await runner.metrics()).toContain('statewave_runner_episodes_total{kind="slack",name="team",outcome="delivered"} 3');
  });

  it("sync counts delivered, buried and skipped episodes separately", async (test) => {
    const world = await makeWorld(test);
    world.statewave.setFaults([{ type: "refuse", marker: "mark:doc-000001", as: "422" }]);
    await world.writeDocuments(3);
    const { stdout, code } = await world.workspace.command("sync", "markdown/docs", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ episodes: 3, delivered: 2, buried: 1, skipped: expect.any(Number) });
  });
});

describe.concurrent("a server that answers success and is not Statewave", () => {
  it.for([
    [201, "application/json", "{}"],
    [200, "text/html", "<html><title>Welcome to nginx!</title></html>"],
    [200, "application/json", '{"ok":true,"id":7}'],
  ] as const)("%i %s %s: webhooks and pulls are kept, and the log and /readyz say why", async ([status, type, body], test) => {
    const { seen, url } = await stranger(test, status, type, body);
    const workspace = makeWorkspace(test);
    await workspace.write(configName, configText({ statewaveUrl: url }));
    await workspace.write("docs/note.md", "# Note\n\nmark:doc stands.\n");
    const runner = await workspace.run();
    const line = await runner.logged("the sink refuses everything: nothing is delivered until its configuration is changed");
    expect(line).toMatchObject({ level: "error", code: "SINK_NOT_STATEWAVE", reason: expect.stringContaining(String(status)) });
    const { status: readiness, body: parts } = await runner.readiness();
    expect(readiness).toBe(200);
    expect(parts["sink"]).toMatchObject({
      status: "degraded",
      detail: expect.stringMatching(/does not come from Statewave.*next attempt in \d+ s/),
    });
    expect(seen.batches).toBe(1);
    expect((await workspace.command("state", "get", "markdown/docs")).stdout).toBe("");
    expect((await runner.terminate()).code).toBe(0);
    const sync = await workspace.command("sync", "markdown/docs");
    expect(sync.code).toBe(1);
    expect(sync.stderr).toContain("[SINK_NOT_STATEWAVE]");
  });
});

it("a sink that was never tried is not ok", async (test) => {
  const workspace = makeWorkspace(test);
  await workspace.write(configName, configText({ statewaveUrl: "http://127.0.0.1:9" }));
  await workspace.write("docs/empty.txt", "");
  const runner = await workspace.run();
  expect((await runner.readiness()).body["sink"]).toMatchObject({
    status: "unknown",
    detail: expect.stringContaining("not tried yet"),
  });
  expect(await runner.metrics()).not.toMatch(/^statewave_runner_sink_up \d/m);
});
