import { once } from "node:events";
import { Agent, type IncomingMessage, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { startFakeGithub } from "./fake-github-process.ts";
import { balanced } from "./ledger.ts";
import { slackBody, slackHeaders, slackPath } from "./slack-sender.ts";
import { until } from "./until.ts";
import { makeWorld, type World } from "./world.ts";

/** As in the configuration. */
const drainTimeoutMs = 4_000;
/** For a busy machine; together still below the default of 25 s, which would apply if the configured time did not. */
const toleranceMs = 16_000;

/** The rest arrives after the next start, and nothing of it twice. */
async function expectNothingLost(world: World): Promise<void> {
  world.statewave.setFaults([]);
  const survivor = await world.workspace.run();
  await world.slack.resend(await survivor.listening());
  await world.drained(survivor);
  expect(world.account()).toEqual(balanced);
}

describe.concurrent("SIGTERM ends the process with code 0 within drain_timeout, and nothing is lost", () => {
  it("under steady keep-alive traffic", async (test) => {
    const world = await makeWorld(test);
    const runner = await world.workspace.run();
    const url = await runner.listening();
    const traffic = (async () => {
      while (!runner.hasExited) await world.slack.sendMany(url, 32, 16);
    })();
    await until("traffic is steady", () => world.slack.acknowledged.size > 200);
    const { code, tookMs } = await runner.terminate();
    await traffic;
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(drainTimeoutMs + toleranceMs);
    await expectNothingLost(world);
  });

  it("with an unfinished body and with silent connections", async (test) => {
    const world = await makeWorld(test);
    const runner = await world.workspace.run();
    const { port, hostname } = new URL(await runner.listening());
    const body = slackBody(999, "never finished");
    const headers = Object.entries(slackHeaders(body)).map(([name, value]) => `${name}: ${value}\r\n`);
    const unfinished = connect(Number(port), hostname);
    unfinished.on("error", () => undefined);
    unfinished.write(`POST ${slackPath} HTTP/1.1\r\nHost: x\r\n${headers.join("")}Content-Length: ${body.length}\r\n\r\n{"type"`);
    const silent = connect(Number(port), hostname);
    silent.on("error", () => undefined);
    await Promise.all([once(unfinished, "connect"), once(silent, "connect")]);
    await world.slack.sendMany(`http://${hostname}:${port}`, 10);
    const { code, tookMs } = await runner.terminate();
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(drainTimeoutMs + toleranceMs);
    await expectNothingLost(world);
  });

  it("while Statewave hangs", async (test) => {
    const world = await makeWorld(test);
    world.statewave.setFaults([{ type: "hang" }]);
    await world.writeDocuments(20);
    const runner = await world.workspace.run();
    await world.slack.sendMany(await runner.listening(), 20);
    await until("Statewave holds a batch", () => world.statewave.stats().episodesInFlight > 0);
    const { code, tookMs } = await runner.terminate();
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(drainTimeoutMs + toleranceMs);
    await expectNothingLost(world);
  });

  it("in the middle of a long run, which resumes from its checkpoint at the next start", async (test) => {
    const github = await startFakeGithub(test, "--issues", "1200", "--comments", "2400", "--review-comments", "100");
    const world = await makeWorld(test, { entries: github.entry });
    world.statewave.setFaults([{ type: "latency", latencyMs: 150 }]);
    const runner = await world.workspace.run();
    await until("the sync is in its middle", () => world.statewave.stats().stored > 300);
    const { code, tookMs } = await runner.terminate();
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(drainTimeoutMs + toleranceMs);
    const storedBefore = world.statewave.stats().stored;
    const total = Object.values(await github.expected()).reduce((sum, count) => sum + count, 0);
    expect(storedBefore).toBeLessThan(total);

    world.statewave.setFaults([]);
    await world.workspace.run();
    await until("the rest has arrived", () => world.statewave.stats().stored >= total);
    expect(world.statewave.stats().stored).toBe(total);
    // Stopped between two pages: nothing of what was checkpointed is read again.
    expect(world.statewave.stats().duplicates).toBe(0);
  });

  it("with webhooks still being accepted until the port closes, each answer closing its connection", async (test) => {
    const world = await makeWorld(test);
    world.statewave.setFaults([{ type: "hang" }]);
    const runner = await world.workspace.run();
    const url = await runner.listening();
    await world.slack.sendMany(url, 5);
    await until("Statewave holds a batch", () => world.statewave.stats().episodesInFlight > 0);
    runner.signal("SIGTERM");
    await runner.logged("stopping");
    const during = await post(url, slackBody(500, "All systems nominal, mark:slack-000500 over."));
    expect(during).toEqual({ status: 200, connection: "close" });
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await runner.exited).code).toBe(0);
    world.statewave.setFaults([]);
    await world.workspace.run();
    await until("what was accepted while it stopped is delivered", () =>
      world.statewave.episodes.some(({ payload }) => JSON.stringify(payload).includes("mark:slack-000500")),
    );
  });
});

describe.concurrent("a second SIGTERM", () => {
  it("ends the process at once", async (test) => {
    const world = await makeWorld(test);
    world.statewave.setFaults([{ type: "hang" }]);
    const runner = await world.workspace.run();
    await world.slack.sendMany(await runner.listening(), 5);
    await until("Statewave holds a batch", () => world.statewave.stats().episodesInFlight > 0);
    runner.signal("SIGTERM");
    await runner.logged("stopping");
    // A request to stop that comes twice within 250 ms, by way of a wrapper, counts once.
    await pause(300);
    runner.signal("SIGTERM");
    // A drain that ended by itself would end with 0.
    expect(await runner.exited).toEqual({ code: 143, signal: null });
    await expectNothingLost(world);
  });
});

/** One request over a kept-alive connection. */
async function post(url: string, body: string): Promise<{ status: number | undefined; connection: string | undefined }> {
  const agent = new Agent({ keepAlive: true });
  const outgoing = httpRequest(url + slackPath, { method: "POST", agent, headers: slackHeaders(body) });
  outgoing.end(body);
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  incoming.resume();
  agent.destroy();
  return { status: incoming.statusCode, connection: incoming.headers.connection };
}
