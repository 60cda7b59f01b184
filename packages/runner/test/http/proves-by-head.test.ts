import type { PushReceiver } from "@statewave-connectors/connector-sdk";
import type { InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import { describe, expect, test } from "vitest";
import { RawConnection } from "./raw-client.ts";
import { request, signedPost, signedReceiver, startServer, webhookPath } from "./start-server.ts";

const mebibyte = 1024 * 1024;
/** Verifies by a header, whatever the body is. */
const receiver: PushReceiver = {
  ...signedReceiver,
  provesByHead: true,
  verify: ({ headers }) => (headers["x-signature"] === "right" ? undefined : { reason: "signature_invalid" }),
  receive: ({ headers }) => ({ type: "event", id: headers["x-id"] ?? "" }),
};

function sizesOf(items: readonly InboxItem[]): readonly number[] {
  return items.map((item) => (item.type === "event" ? item.body.byteLength : -1));
}

describe("a delivery larger than the limit, to a receiver that verifies by the head", () => {
  test("is stored without its body, and answered once it is sent whole, with nothing of it kept", async () => {
    const { port, server, accepted, counted } = await startServer({ mount: { receiver } });
    const connection = await RawConnection.open(port);
    connection.send(signedPost("x".repeat(10 * mebibyte), ["x-id: e1"]));
    expect(await connection.response()).toMatchObject({ status: 200, headers: { "content-length": "0" } });
    expect([sizesOf(accepted), counted, server.bodyBytesInFlight]).toEqual([[0], ["received", "200 fresh"], 0]);
    // The connection is where a client expects it.
    connection.send(signedPost("{}", ["x-id: e2"]));
    expect((await connection.response())?.status).toBe(200);
    expect(sizesOf(accepted)).toEqual([0, 2]);
  });

  test("is stored without its body when its length was not declared", async () => {
    const { port, accepted } = await startServer({ mount: { receiver } });
    const connection = await RawConnection.open(port);
    connection.send(request("POST", webhookPath, ["x-signature: right", "x-id: e1", "transfer-encoding: chunked"]));
    const chunk = `1000\r\n${"x".repeat(0x1000)}\r\n`;
    connection.send(`${chunk.repeat(100)}0\r\n\r\n`);
    expect((await connection.response())?.status).toBe(200);
    expect(sizesOf(accepted)).toEqual([0]);
  });

  test("is answered without a byte of it when the client waits for a word first", async () => {
    const { port, accepted } = await startServer({ mount: { receiver } });
    const connection = await RawConnection.open(port);
    connection.send(
      request("POST", webhookPath, ["x-signature: right", "x-id: e1", "content-length: 5000", "expect: 100-continue"]),
    );
    expect((await connection.response())?.status).toBe(200);
    expect(sizesOf(accepted)).toEqual([0]);
  });

  test("of a stranger is refused before it is read", async () => {
    const { port, accepted } = await startServer({ mount: { receiver } });
    const connection = await RawConnection.open(port);
    connection.send(request("POST", webhookPath, ["x-signature: wrong", "content-length: 5000"]));
    expect(await connection.response()).toMatchObject({ status: 401, headers: { connection: "close" } });
    await connection.closed();
    expect(accepted).toEqual([]);
  });

  test("that never ends is answered when the time for bodies is over, and cut off", async () => {
    const { port, clock, accepted } = await startServer({ mount: { receiver } });
    const connection = await RawConnection.open(port);
    connection.send(request("POST", webhookPath, ["x-signature: right", "x-id: e1", "content-length: 5000"], "x".repeat(100)));
    await expect.poll(() => accepted.length).toBe(1);
    await expect.poll(() => clock.pending).toBeGreaterThan(0);
    await clock.advance(30_000);
    expect(await connection.response()).toMatchObject({ status: 200, headers: { connection: "close" } });
    await connection.closed();
  });
});
