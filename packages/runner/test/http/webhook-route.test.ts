import { ConnectorsError, type ReceivedRequest } from "@statewave-connectors/connector-sdk";
import type { InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import { describe, expect, test, vi } from "vitest";
import { RawConnection } from "./raw-client.ts";
import { request, signedPost, signedReceiver, startServer, webhookPath } from "./start-server.ts";

const chunked = (...chunks: string[]) =>
  request("POST", webhookPath, ["x-signature: right", "transfer-encoding: chunked"]) +
  chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("");

function bodyOf(item: InboxItem | undefined): string | undefined {
  return item?.type === "event" ? Buffer.from(item.body).toString("latin1") : undefined;
}

describe("taking", () => {
  test("a verified event is stored raw and then answered", async () => {
    const { port, accepted, counted } = await startServer();
    const connection = await RawConnection.open(port);
    connection.send(signedPost("\0\xff{not json", ["x-id: e1"]));
    expect(await connection.response()).toMatchObject({ status: 200, body: "" });
    expect(accepted).toHaveLength(1);
    expect(accepted[0]).toMatchObject({ type: "event", id: "e1", source: { kind: "slack", name: "team" }, headers: {} });
    expect(bodyOf(accepted[0])).toBe("\0\xff{not json");
    expect(counted).toEqual(["received", "200 fresh"]);
  });

  test("a duplicate is answered like the first and counted as one", async () => {
    const { port, accepted, counted } = await startServer();
    const connection = await RawConnection.open(port);
    for (let count = 0; count < 2; count++) {
      connection.send(signedPost("{}", ["x-id: e1"]));
      expect((await connection.response())?.status).toBe(200);
    }
    expect(accepted).toHaveLength(1);
    expect(counted).toEqual(["received", "200 fresh", "received", "200 duplicate"]);
  });

  test("the answer waits until the event is stored", async () => {
    const stored = Promise.withResolvers<"fresh">();
    const { port, server, counted } = await startServer({ mount: { accept: () => stored.promise } });
    const connection = await RawConnection.open(port);
    connection.send(signedPost("12345"));
    await vi.waitFor(() => expect(server.bodyBytesInFlight).toBe(5));
    expect(counted).toEqual(["received"]);
    stored.resolve("fresh");
    expect((await connection.response())?.status).toBe(200);
    expect(server.bodyBytesInFlight).toBe(0);
  });

  test.each([
    ["in one piece", signedPost("0123456789"), [200]],
    ["in chunks", `${chunked("012", "3456789")}0\r\n\r\n`, [200]],
    ["after 100-continue", signedPost("0123456789", ["expect: 100-continue"]), [100, 200]],
  ])("a body %s is handed over in a buffer of its own", async (_how, bytes, statuses) => {
    const { port, accepted } = await startServer();
    const connection = await RawConnection.open(port);
    connection.send(bytes);
    for (const status of statuses) expect((await connection.response())?.status).toBe(status);
    const [item] = accepted;
    expect(bodyOf(item)).toBe("0123456789");
    const { body } = item as Extract<InboxItem, { type: "event" }>;
    expect([body.constructor, body.byteOffset, body.buffer.byteLength]).toEqual([Uint8Array, 0, 10]);
  });

  test("a body over many TCP segments arrives whole", async () => {
    const { port, accepted } = await startServer({ maxBodyBytes: 3_000_000 });
    const connection = await RawConnection.open(port);
    const body = "abcdefghij".repeat(250_000);
    connection.send(signedPost(body));
    expect((await connection.response())?.status).toBe(200);
    expect(bodyOf(accepted[0]) === body).toBe(true);
  });

  test("the receiver sees method, headers joined as node:http does, and the time of arrival", async () => {
    const seen: ReceivedRequest[] = [];
    const receive = (received: ReceivedRequest) => {
      seen.push(received);
      return { type: "respond", response: { status: 200 } } as const;
    };
    const { port, clock } = await startServer({ mount: { receiver: { ...signedReceiver, receive } } });
    const connection = await RawConnection.open(port);
    const repeated = ["X-Twice: a", "x-twice: b", "set-cookie: c", "Set-Cookie: d", "__proto__: e"];
    connection.send(request("POST", webhookPath, [...repeated, "content-length: 0"]));
    await connection.response();
    expect(seen[0]).toMatchObject({
      method: "POST",
      receivedAtMs: clock.now(),
      headers: { "x-twice": "a, b", "set-cookie": "c, d" },
    });
    expect(Object.values(seen[0]?.headers ?? {}).every((value) => typeof value === "string")).toBe(true);
  });
});

describe("answering", () => {
  test("what the receiver answers is passed on", async () => {
    const response = { status: 202, headers: { "Content-Type": "text/plain", "X-Own": "yes" }, body: "challenge é" };
    const { port, counted } = await startServer({
      mount: { receiver: { ...signedReceiver, receive: () => ({ type: "respond", response }) } },
    });
    const answer = await fetch(`http://127.0.0.1:${port}${webhookPath}`, { method: "POST" });
    expect([answer.status, answer.headers.get("content-type"), answer.headers.get("x-own"), await answer.text()]).toEqual([
      202,
      "text/plain",
      "yes",
      "challenge é",
    ]);
    expect(counted).toEqual(["received", "202 responded"]);
  });

  test("an answer with a forged header line goes out without it", async () => {
    const headers = {
      "x-a": "1\r\nset-cookie: stolen",
      "bad name": "2",
      "content-length": "999",
      "transfer-encoding": "chunked",
      "x-b": "3",
    };
    const response = { status: 200, headers, body: "ok" };
    const { port } = await startServer({
      mount: { receiver: { ...signedReceiver, receive: () => ({ type: "respond", response }) } },
    });
    const connection = await RawConnection.open(port);
    connection.send(request("POST", webhookPath, ["content-length: 0"]));
    const answer = await connection.response();
    expect(answer).toMatchObject({ status: 200, body: "ok", headers: { "x-b": "3", "content-length": "2" } });
    for (const name of ["x-a", "set-cookie", "bad name", "transfer-encoding"]) expect(answer?.headers).not.toHaveProperty([name]);
  });

  test.each([0, 99, 101, 600, Number.NaN])("a receiver that answers with status %s is answered for with 500", async (status) => {
    const receive = () => ({ type: "respond", response: { status } }) as const;
    const { port, logged, counted } = await startServer({ mount: { receiver: { ...signedReceiver, receive } } });
    expect((await fetch(`http://127.0.0.1:${port}${webhookPath}`, { method: "POST" })).status).toBe(500);
    expect(logged[0]?.fields).toMatchObject({ error: { code: "PUSH_BAD_RESPONSE" } });
    expect(counted).toEqual(["received", "500 responded"]);
  });

  test("a status without content goes out without a body", async () => {
    const receive = () => ({ type: "respond", response: { status: 204, body: "surplus" } }) as const;
    const { port } = await startServer({ mount: { receiver: { ...signedReceiver, receive } } });
    const connection = await RawConnection.open(port);
    connection.send(request("POST", webhookPath, ["content-length: 0"]).repeat(2));
    for (let count = 0; count < 2; count++) {
      const answer = await connection.response();
      expect(answer?.status).toBe(204);
      expect(answer?.headers).not.toHaveProperty("content-length");
    }
  });

  test("a paused receiver answers 503 with Retry-After and stores nothing, until it is resumed", async () => {
    let isPaused = true;
    const { port, accepted, counted } = await startServer({ mount: { isPaused: () => isPaused } });
    const connection = await RawConnection.open(port);
    connection.send(signedPost("{}", ["x-id: e1"]));
    const refused = await connection.response();
    expect(refused).toMatchObject({ status: 503, headers: { "retry-after": "30" } });
    expect(refused?.body).toContain("slack/team is paused");
    expect(accepted).toEqual([]);
    isPaused = false;
    const again = await RawConnection.open(port);
    again.send(signedPost("{}", ["x-id: e1"]));
    expect(await again.response()).toMatchObject({ status: 200 });
    expect(counted).toEqual(["received", "503 not_taken", "received", "200 fresh"]);
  });

  test("methods of its own are answered, others get 405 with Allow", async () => {
    const { port, counted } = await startServer({ mount: { receiver: { ...signedReceiver, methods: ["GET", "POST"] } } });
    const connection = await RawConnection.open(port);
    connection.send(request("GET", webhookPath, ["x-signature: right"]));
    expect((await connection.response())?.status).toBe(200);
    for (const method of ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"]) {
      connection.send(request(method, webhookPath));
      expect(await connection.response()).toMatchObject({ status: 405, headers: { allow: "GET, POST" } });
    }
    expect(counted.filter((line) => line === "405 not_taken")).toHaveLength(5);
  });

  test("an upgrade that was not offered is an ordinary request", async () => {
    const { port, accepted } = await startServer();
    const connection = await RawConnection.open(port);
    connection.send(signedPost("{}", ["connection: upgrade", "upgrade: websocket"]));
    expect((await connection.response())?.status).toBe(200);
    expect(accepted).toHaveLength(1);
  });
});

describe("failing", () => {
  test("a full or absent inbox answers 503 with Retry-After and logs once in ten seconds", async () => {
    const accept = () => Promise.reject(new ConnectorsError({ code: "INBOX_FULL", message: "full", retryable: true }));
    const { port, logged, clock, counted } = await startServer({ mount: { accept } });
    const connection = await RawConnection.open(port);
    const post = async () => {
      connection.send(signedPost("{}"));
      expect(await connection.response()).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
    };
    for (let count = 0; count < 5; count++) await post();
    expect(logged).toHaveLength(1);
    await clock.advance(10_000);
    await post();
    expect(logged).toHaveLength(2);
    expect(logged[1]).toMatchObject({ level: "warn", fields: { suppressed: 4, error: { code: "INBOX_FULL" } } });
    expect(counted.at(-1)).toBe("503 unavailable");
  });

  test("a receiver that throws is answered 500 without details and logged with them", async () => {
    const receive = () => {
      throw new TypeError("secret detail");
    };
    const { port, logged, counted, server } = await startServer({ mount: { receiver: { ...signedReceiver, receive } } });
    const connection = await RawConnection.open(port);
    connection.send(signedPost("{}"));
    expect(await connection.response()).toMatchObject({ status: 500, body: '{"error":"internal_error"}' });
    expect(logged).toMatchObject([{ level: "error", fields: { error: expect.any(TypeError) } }]);
    expect(counted).toEqual(["received", "500 failed"]);
    expect(server.bodyBytesInFlight).toBe(0);
  });

  test("an inbox that never answers is answered for with 503, and its body stays counted until it does", async () => {
    const stored = Promise.withResolvers<"fresh">();
    const { port, server, clock, counted } = await startServer({ mount: { accept: () => stored.promise } });
    const connection = await RawConnection.open(port);
    connection.send(signedPost("12345"));
    await vi.waitFor(() => expect(server.bodyBytesInFlight).toBe(5));
    await clock.advance(10_000);
    expect((await connection.response())?.status).toBe(503);
    expect(server.bodyBytesInFlight).toBe(5);
    stored.resolve("fresh");
    await vi.waitFor(() => expect(server.bodyBytesInFlight).toBe(0));
    expect(counted).toEqual(["received", "503 unavailable"]);
  });
});

describe("limits", () => {
  test("a declared length over the limit is answered 413 before the body is sent", async () => {
    const { port, accepted, counted } = await startServer();
    const connection = await RawConnection.open(port);
    connection.send(request("POST", webhookPath, ["content-length: 1025"]));
    expect(await connection.response()).toMatchObject({
      status: 413,
      headers: { connection: "close" },
      body: expect.stringContaining("1024"),
    });
    await connection.closed();
    expect(accepted).toEqual([]);
    expect(counted).toEqual(["received", "413 not_taken"]);
  });

  test("a body of exactly the limit is taken", async () => {
    const { port, accepted } = await startServer();
    const connection = await RawConnection.open(port);
    connection.send(signedPost("x".repeat(1024)));
    expect((await connection.response())?.status).toBe(200);
    expect(accepted).toHaveLength(1);
  });

  test("a mount's own limit counts instead of the server's", async () => {
    const { port } = await startServer({ mount: { maxBodyBytes: 4 } });
    const connection = await RawConnection.open(port);
    connection.send(signedPost("12345"));
    expect((await connection.response())?.status).toBe(413);
  });

  test("a chunked body is answered 413 as soon as it exceeds the limit", async () => {
    const { port, server, accepted } = await startServer();
    const connection = await RawConnection.open(port);
    connection.send(chunked("x".repeat(1000), "y".repeat(25)));
    expect(await connection.response()).toMatchObject({ status: 413, headers: { connection: "close" } });
    await connection.closed();
    expect([accepted, server.bodyBytesInFlight]).toEqual([[], 0]);
  });

  test("a body too large is refused before its 100-continue", async () => {
    const { port } = await startServer();
    const connection = await RawConnection.open(port);
    connection.send(request("POST", webhookPath, ["content-length: 5000", "expect: 100-continue"]));
    expect((await connection.response())?.status).toBe(413);
  });

  test("beyond what all bodies may hold together, 503 with Retry-After comes before the body is read", async () => {
    const { port, server, counted } = await startServer({ bodyBudgetBytes: 1000 });
    const first = await RawConnection.open(port);
    first.send(request("POST", webhookPath, ["x-signature: right", "content-length: 600"]));
    await vi.waitFor(() => expect(server.bodyBytesInFlight).toBe(600));
    const second = await RawConnection.open(port);
    second.send(request("POST", webhookPath, ["x-signature: right", "content-length: 500"]));
    expect(await second.response()).toMatchObject({ status: 503, headers: { "retry-after": "5", connection: "close" } });
    first.send("x".repeat(600));
    expect((await first.response())?.status).toBe(200);
    expect(server.bodyBytesInFlight).toBe(0);
    expect(counted).toContain("503 not_taken");
  });

  test("a chunked body takes from what all bodies share as it arrives", async () => {
    const { port, server } = await startServer({ bodyBudgetBytes: 1000 });
    const first = await RawConnection.open(port);
    first.send(chunked("x".repeat(600)));
    await vi.waitFor(() => expect(server.bodyBytesInFlight).toBe(600));
    const second = await RawConnection.open(port);
    second.send(chunked("x".repeat(300), "x".repeat(300)));
    expect((await second.response())?.status).toBe(503);
    await second.closed();
    first.send("0\r\n\r\n");
    expect((await first.response())?.status).toBe(200);
    expect(server.bodyBytesInFlight).toBe(0);
  });

  test("a body that is not whole after 30 s is answered 408 and cut off", async () => {
    const { port, server, clock, accepted } = await startServer();
    const connection = await RawConnection.open(port);
    connection.send(request("POST", webhookPath, ["x-signature: right", "content-length: 100"]));
    await vi.waitFor(() => expect(server.bodyBytesInFlight).toBe(100));
    for (let second = 0; second < 29; second++) {
      connection.send("x");
      await clock.advance(1_000);
    }
    expect(server.bodyBytesInFlight).toBe(100);
    await clock.advance(1_000);
    expect(await connection.response()).toMatchObject({ status: 408, headers: { connection: "close" } });
    await connection.closed();
    expect([accepted, server.bodyBytesInFlight]).toEqual([[], 0]);
  });

  test("headers that are not whole in time are answered 408 and cut off", async () => {
    const { port } = await startServer({ headersTimeoutMs: 50 });
    const connection = await RawConnection.open(port);
    connection.send("POST /slack/team/events HTTP/1.1\r\nhost: x\r\nx-slow: ");
    expect(await connection.response()).toMatchObject({ status: 408, headers: { connection: "close" } });
    await connection.closed();
  });

  test("a client that leaves in mid-body leaves nothing behind: no event, no bytes, no line", async () => {
    const { port, server, accepted, counted, logged, clock } = await startServer();
    const connection = await RawConnection.open(port);
    connection.send(request("POST", webhookPath, ["x-signature: right", "content-length: 100"]) + "half");
    await vi.waitFor(() => expect(server.bodyBytesInFlight).toBe(100));
    connection.destroy();
    await vi.waitFor(() => expect(server.bodyBytesInFlight).toBe(0));
    expect([accepted, counted, logged, clock.pending]).toEqual([[], ["received"], [], 0]);
  });
});
