import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { configName, configText, type Ending, makeWorkspace } from "./workspace.ts";

const states = [
  { kind: "postgres", urlAt: (port: number) => `postgres://runner:secret@127.0.0.1:${port}/state` },
  { kind: "redis", urlAt: (port: number) => `redis://127.0.0.1:${port}/0` },
];

/** Takes connections and never says a word, as a server that is stopped or behind a lost route. */
async function silentServer({ onTestFinished }: Ending): Promise<Server> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.resume().on("error", () => undefined))).listen(0, "127.0.0.1");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server, "listening");
  return server;
}

describe.concurrent.each(states)("with $kind state whose server never answers", ({ kind, urlAt }) => {
  async function prepared(test: Ending) {
    const server = await silentServer(test);
    const workspace = makeWorkspace(test);
    const text = configText({ statewaveUrl: "http://127.0.0.1:9", state: kind });
    const { port } = server.address() as AddressInfo;
    await workspace.write(configName, text.replace(`kind = "${kind}"`, `kind = "${kind}"\nurl = "${urlAt(port)}"`));
    return { workspace, asked: once(server, "connection") };
  }

  it("SIGTERM ends a start without waiting for the server's time-out", async (test) => {
    const { workspace, asked } = await prepared(test);
    const runner = workspace.launch(["run"]);
    await asked;
    expect(await runner.terminate()).toMatchObject({ code: 0, signal: null });
    expect(await runner.logged("the start was given up")).toMatchObject({ error: { code: "RUNNER_STOPPING" } });
  });

  it.for([["state", "list"], ["dead-letters", "list"], ["sync", "markdown/docs"], ["doctor"]])(
    "Ctrl-C ends %s %s in the same way",
    async (args, test) => {
      const { workspace, asked } = await prepared(test);
      const command = workspace.launch(args);
      await asked;
      command.signal("SIGINT");
      expect(await command.exited).toMatchObject({ code: 1, signal: null });
      expect(command.stderr).toBe("error: stopped by SIGINT [RUNNER_STOPPING]\n");
    },
  );
});
