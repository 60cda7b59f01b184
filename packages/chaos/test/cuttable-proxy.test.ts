import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, it, type TestContext } from "vitest";
import { startCuttableProxy } from "../src/network/cuttable-proxy.ts";

/** A server that sends back what it gets, and a proxy in front of it. */
async function startEcho({ onTestFinished }: Pick<TestContext, "onTestFinished">) {
  const server = createServer((socket) => socket.on("error", () => undefined).pipe(socket));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const proxy = await startCuttableProxy({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
  onTestFinished(async () => {
    await proxy.close();
    server.close();
  });
  const open = async (): Promise<Socket> => {
    const socket = connect(proxy.port, "127.0.0.1");
    socket.on("error", () => undefined);
    await once(socket, "connect");
    return socket;
  };
  return { proxy, open };
}

async function echoed(socket: Socket, text: string): Promise<string> {
  const answer = once(socket, "data");
  socket.write(text);
  const [data] = (await answer) as [Buffer];
  return data.toString();
}

it("carries bytes both ways", async (test) => {
  const { open } = await startEcho(test);
  expect(await echoed(await open(), "hello")).toBe("hello");
});

it("breaks every connection when it is cut, and carries new ones when it is mended", async (test) => {
  const { proxy, open } = await startEcho(test);
  const socket = await open();
  expect(await echoed(socket, "one")).toBe("one");
  const closed = once(socket, "close");
  proxy.cut();
  await closed;
  await once(await open(), "close");
  proxy.mend();
  expect(await echoed(await open(), "two")).toBe("two");
});

it("carries nothing while it is silent, and breaks the connection of what it swallowed when it is mended", async (test) => {
  const { proxy, open } = await startEcho(test);
  const socket = await open();
  expect(await echoed(socket, "one")).toBe("one");
  let received = "";
  socket.on("data", (data) => (received += data.toString()));
  proxy.silence();
  const closed = once(socket, "close");
  socket.write("lost");
  // A connection that is made now stands, and gets no answer either.
  const late = await open();
  late.write("lost as well");
  proxy.mend();
  await closed;
  expect(received).toBe("");
});
