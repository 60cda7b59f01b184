import { once } from "node:events";
import { connect } from "node:net";
import { expect, test, vi } from "vitest";
import { RawConnection } from "./raw-client.ts";
import { only, request, signedPost, startServer, webhookPath } from "./start-server.ts";

const never = () => new AbortController().signal;

test("while draining, webhooks are taken and each answer closes its connection", async () => {
  const { port, server, accepted } = await startServer();
  const [waiting, later] = [await RawConnection.open(port), await RawConnection.open(port)];
  waiting.send(request("GET", "/healthz"));
  expect((await waiting.response())?.headers["connection"]).toBe("keep-alive");
  server.beginDrain();
  for (const connection of [waiting, later, await RawConnection.open(port)]) {
    connection.send(signedPost("{}"));
    expect(await connection.response()).toMatchObject({ status: 200, headers: { connection: "close" } });
    await connection.closed();
  }
  expect(accepted).toHaveLength(3);
});

test("an answer under way when draining begins closes its connection too", async () => {
  const stored = Promise.withResolvers<"fresh">();
  const { port, server } = await startServer({ mount: { accept: () => stored.promise } });
  const connection = await RawConnection.open(port);
  connection.send(signedPost("{}"));
  await vi.waitFor(() => expect(server.bodyBytesInFlight).toBe(2));
  server.beginDrain();
  stored.resolve("fresh");
  expect((await connection.response())?.headers["connection"]).toBe("close");
});

test("closing cuts idle connections, those that never spoke and those in mid-header", async () => {
  const { port, server } = await startServer();
  const [silent, idle, partial] = [
    await RawConnection.open(port),
    await RawConnection.open(port),
    await RawConnection.open(port),
  ];
  idle.send(request("GET", "/healthz"));
  await idle.response();
  partial.send("POST /slack/team/events HTTP/1.1\r\nhost:");
  // Its answer shows that the connections before it were taken.
  const last = await RawConnection.open(port);
  last.send(request("GET", "/healthz"));
  await last.response();
  await expect(server.close(never())).resolves.toBeUndefined();
  await Promise.all([silent, idle, partial, last].map((connection) => connection.closed()));
});

test("closing stops listening and lets what is being answered end", async () => {
  const stored = Promise.withResolvers<"fresh">();
  const { port, server } = await startServer({ mount: { accept: () => stored.promise } });
  const connection = await RawConnection.open(port);
  connection.send(signedPost("{}"));
  await vi.waitFor(() => expect(server.bodyBytesInFlight).toBe(2));
  const closing = server.close(never());
  await expect(RawConnection.open(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  stored.resolve("fresh");
  expect(await connection.response()).toMatchObject({ status: 200, headers: { connection: "close" } });
  await closing;
});

test("closing cuts a body that is not whole after a second, and stores nothing of it", async () => {
  const { port, server, clock, accepted } = await startServer();
  const connection = await RawConnection.open(port);
  connection.send(request("POST", webhookPath, ["x-signature: right", "content-length: 100"]) + "half");
  await vi.waitFor(() => expect(server.bodyBytesInFlight).toBe(100));
  const closing = server.close(never());
  await clock.advance(1_000);
  await closing;
  expect(await connection.response()).toBeUndefined();
  expect([accepted, server.bodyBytesInFlight]).toEqual([[], 0]);
});

test("a body that is whole within that second is taken", async () => {
  const { port, server, clock, accepted } = await startServer();
  const connection = await RawConnection.open(port);
  connection.send(request("POST", webhookPath, ["x-signature: right", "content-length: 4"]) + "ha");
  await vi.waitFor(() => expect(server.bodyBytesInFlight).toBe(4));
  const closing = server.close(never());
  await clock.advance(900);
  connection.send("lf");
  expect((await connection.response())?.status).toBe(200);
  await closing;
  expect(accepted).toHaveLength(1);
});

test("when the signal aborts, what is still being answered is cut", async () => {
  const { port, server } = await startServer({ mount: { accept: () => new Promise(() => undefined) } });
  const connection = await RawConnection.open(port);
  connection.send(signedPost("{}").repeat(3));
  await vi.waitFor(() => expect(server.bodyBytesInFlight).toBe(6));
  const deadline = new AbortController();
  const closing = server.close(deadline.signal);
  deadline.abort();
  await closing;
  expect(await connection.response()).toBeUndefined();
});

test("closes under steady keep-alive traffic, and no event that was answered is missing", async () => {
  const { port, server, accepted } = await startServer();
  let answered = 0;
  const clients = 16;
  const traffic = Array.from({ length: clients }, async () => {
    while (true) {
      const connection = await RawConnection.open(port).catch(() => undefined);
      if (connection === undefined) return;
      for (let open = true; open;) {
        connection.send(signedPost("{}"));
        const response = await connection.response();
        open = response?.headers["connection"] === "keep-alive";
        if (response?.status === 200) answered += 1;
      }
    }
  });
  await vi.waitFor(() => expect(accepted.length).toBeGreaterThan(clients));
  server.beginDrain();
  await vi.waitFor(() => expect(accepted.length).toBeGreaterThan(2 * clients));
  await server.close(never());
  await Promise.all(traffic);
  expect(accepted.length).toBeGreaterThanOrEqual(answered);
});

test("a client that does not read its answer does not hold up the end beyond the signal", async () => {
  const slices = () => only("x".repeat(32 * 1024 * 1024));
  const { port, server } = await startServer({ metrics: { slices } });
  const deaf = connect(port, "127.0.0.1");
  deaf.on("error", () => undefined);
  deaf.pause();
  deaf.write(request("GET", "/metrics"));
  const other = await RawConnection.open(port);
  other.send(request("GET", "/healthz"));
  await other.response();
  const deadline = new AbortController();
  const closing = server.close(deadline.signal);
  deadline.abort();
  await expect(closing).resolves.toBeUndefined();
  deaf.destroy();
});

test("an answer half sent when closing begins is sent to its end, and its connection closed", async () => {
  const length = 32 * 1024 * 1024;
  const { port, server } = await startServer({ metrics: { slices: () => only("x".repeat(length)) } });
  const client = connect(port, "127.0.0.1");
  client.write(request("GET", "/metrics"));
  await once(client, "readable");
  const closing = server.close(never());
  let received = 0;
  client.on("data", (chunk: Buffer) => (received += chunk.length));
  await once(client, "close");
  await expect(closing).resolves.toBeUndefined();
  expect(received).toBeGreaterThan(length);
});
