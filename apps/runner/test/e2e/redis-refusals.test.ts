import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { hasRedisServer, startRedisServer } from "@statewave-connectors/testing/servers";
import { Redis } from "ioredis";
import { describe, expect, it, type TestContext } from "vitest";
import { until } from "./until.ts";
import { configName, configText, makeWorkspace, type Workspace } from "./workspace.ts";

const waiting = "the state cannot be opened for now; trying again";

async function configured(test: TestContext, url: string): Promise<Workspace> {
  const workspace = makeWorkspace(test);
  const text = configText({ statewaveUrl: "file:./episodes.jsonl", state: "redis" });
  await workspace.write(configName, text.replace('kind = "redis"', `kind = "redis"\nurl = "${url}"`));
  await workspace.write("docs/note.md", "# Note");
  return workspace;
}

async function startServer(test: TestContext, ...flags: readonly string[]) {
  const server = await startRedisServer(flags);
  test.onTestFinished(() => server.stop());
  return server;
}

/** Takes the only connection that the server allows. */
async function takeConnection(test: TestContext, url: string): Promise<Socket> {
  return until("the connection is taken", async () => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    test.onTestFinished(() => void socket.destroy());
    socket.on("error", () => undefined);
    socket.write("PING\r\n");
    const [answer] = (await once(socket, "data").catch(() => [""])) as [Buffer | string];
    return answer.toString().startsWith("+PONG") ? socket : undefined;
  });
}

describe.skipIf(!hasRedisServer()).concurrent("a start on a Redis", () => {
  it("that has no connection left quotes it, tries again, and starts once there is one", async (test) => {
    const server = await startServer(test, "--maxclients", "1");
    const held = await takeConnection(test, server.url);
    const runner = (await configured(test, server.url)).launch(["run"]);
    expect(await runner.logged(waiting)).toMatchObject({
      level: "warn",
      reason: "Redis is not available: ERR max number of clients reached",
      hint: "raise maxclients on the server, or close connections of other programs",
      next_attempt_in_ms: expect.any(Number),
    });
    held.write("CONFIG SET maxclients 100\r\n");
    await runner.listening();
    expect((await runner.terminate()).code).toBe(0);
    // Each reason once, however often it was tried.
    expect(runner.log.filter(({ msg }) => msg === waiting).length).toBeLessThanOrEqual(2);
  });

  it("that loads its data, or whose primary is unreachable, quotes it and starts when that is over", async (test) => {
    const server = await startServer(test, "--replicaof", "127.0.0.1 9", "--replica-serve-stale-data", "no");
    const runner = (await configured(test, server.url)).launch(["run"]);
    expect(await runner.logged(waiting)).toMatchObject({ reason: expect.stringContaining("MASTERDOWN") });
    const admin = new Redis(server.url);
    test.onTestFinished(() => admin.disconnect());
    await admin.replicaof("NO", "ONE");
    await runner.listening();
    expect((await runner.terminate()).code).toBe(0);
  });

  it("that is waited for ends at once with 0 on a stop signal", async (test) => {
    const server = await startServer(test, "--maxclients", "1");
    await takeConnection(test, server.url);
    const runner = (await configured(test, server.url)).launch(["run"]);
    await runner.logged(waiting);
    expect(await runner.terminate()).toMatchObject({ code: 0, signal: null });
    expect(runner.stderr).not.toContain("error:");
  });

  it("that is not waited for by a command is quoted in its error", async (test) => {
    const server = await startServer(test, "--maxclients", "1");
    await takeConnection(test, server.url);
    const { code, stderr } = await (await configured(test, server.url)).command("state", "list");
    expect(code).toBe(4);
    expect(stderr).toContain("error: Redis is not available: ERR max number of clients reached [STORE_UNAVAILABLE]");
    expect(stderr).toMatch(/^hint: raise maxclients/m);
  });

  it.for<[string, Partial<URL>, string, string]>([
    ["requires a password", {}, "NOAUTH", "add user and password to the url"],
    ["has another password", { password: "wrong" }, "WRONGPASS", "check user and password in the url"],
    ["has no database of that number", { password: "right", pathname: "/99" }, "DB index", "/0"],
  ])("that %s ends with 4 and Redis's words", async ([, changes, word, hint], test) => {
    const server = await startServer(test, "--requirepass", "right");
    const workspace = await configured(test, Object.assign(new URL(server.url), changes).href);
    const { code, stderr } = await workspace.command("run");
    expect(code).toBe(4);
    expect(stderr).toContain(word);
    expect(/^hint: (.+)$/m.exec(stderr)?.[1]).toContain(hint);
    expect(stderr).not.toContain(waiting);
  });
});
