import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { describe, expect, it } from "vitest";
import { fill, mountSmallDisk } from "./full-disk.ts";
import { type CommandResult, configName, configText, type Ending, makeWorkspace, type Workspace } from "./workspace.ts";

/** A program that ended must not say that it tries again. */
const promise = /tried again|by itself|goes on|automatically|retried|lock file/i;

function hintOf({ stderr }: CommandResult): string {
  return /^hint: (.+)$/m.exec(stderr)?.[1] ?? "";
}

/** A server that answers each connection with `answer`. */
async function answering({ onTestFinished }: Ending, answer: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    answer(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function startWith(ending: Ending, kind: "postgres" | "redis", url: string): Promise<CommandResult> {
  const workspace = makeWorkspace(ending);
  const text = configText({ statewaveUrl: "file:./episodes.jsonl", state: kind });
  await workspace.write(configName, text.replace(`kind = "${kind}"`, `kind = "${kind}"\nurl = "${url}"`));
  await workspace.write("docs/empty.txt", "");
  return workspace.command("run");
}

describe.concurrent("a start that fails gives a hint that is true", () => {
  it.for([
    ["postgres", "postgres://me:hush@127.0.0.1:9/db"],
    ["redis", "redis://127.0.0.1:9"],
  ] as const)("%s is unreachable", async ([kind, url], test) => {
    const result = await startWith(test, kind, url);
    expect(result.code).toBe(4);
    expect(result.stderr).toContain("ECONNREFUSED");
    expect(hintOf(result)).toBe("check that the server runs, and that this machine can reach it");
    expect(result.stderr).not.toMatch(promise);
  });

  it("Postgres has no TLS and the url requests it", async (test) => {
    // A server answers the request for TLS with S or N.
    const address = await answering(test, (socket) => socket.once("data", () => socket.write("N")));
    const result = await startWith(test, "postgres", `postgres://me:hush@${address}/db?sslmode=require`);
    expect(result.code).toBe(4);
    expect(result.stderr).toContain("[STORE_TLS_FAILED]");
    expect(hintOf(result)).toContain("sslmode");
    expect(result.stderr).not.toMatch(promise);
  });

  it("Redis has no connection left", async (test) => {
    const address = await answering(test, (socket) => socket.end("-ERR max number of clients reached\r\n"));
    const result = await startWith(test, "redis", `redis://${address}`);
    expect(result.code).toBe(4);
    expect(result.stderr).toContain("max number of clients reached");
    expect(hintOf(result)).toContain("maxclients");
    expect(result.stderr).not.toMatch(promise);
  });

  it("Redis has no TLS and the url requests it", async (test) => {
    const address = await answering(test, (socket) => socket.end("-ERR unknown command\r\n"));
    const result = await startWith(test, "redis", `rediss://${address}`);
    expect(result.code).toBe(4);
    expect(hintOf(result)).toContain("redis://");
    expect(result.stderr).not.toMatch(promise);
  });

  it("the disk of the state is full", async (test) => {
    const workspace = makeWorkspace(test);
    await writeConfig(workspace);
    const obstacle = mountSmallDisk(workspace, test);
    test.skip(obstacle !== undefined, obstacle);
    fill(workspace.path("state", "ballast"));
    const result = await workspace.command("run");
    expect(result.code).toBe(4);
    expect(result.stderr).toContain("disk is full");
    expect(hintOf(result)).toContain("free space");
    expect(hintOf(result)).not.toMatch(promise);
  });

  it("Statewave does not accept the key: the runner runs, and says what to set and when it tries again", async (test) => {
    const statewave = await startFakeStatewave({ apiKey: "right" });
    test.onTestFinished(() => statewave.close());
    const workspace = makeWorkspace(test);
    await workspace.write(configName, configText({ statewaveUrl: statewave.url, statewave: 'api_key = "wrong"' }));
    await workspace.write("docs/note.md", "# Note");
    const runner = await workspace.run();
    const line = await runner.logged("the sink refuses everything: nothing is delivered until its configuration is changed");
    expect(line).toMatchObject({
      reason: "403 invalid_api_key",
      hint: "check [statewave] api_key: the server does not accept it",
      next_attempt_in_ms: 60_000,
    });
  });
});

async function writeConfig(workspace: Workspace): Promise<void> {
  await workspace.write(configName, configText({ statewaveUrl: "http://127.0.0.1:9" }));
  await workspace.write("docs/empty.txt", "");
}
