import type { PushReceiver } from "@statewave-connectors/connector-sdk";
import type { InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import { ignore, token, verifier } from "@statewave-connectors/connector-sdk/signature";
import { describe, expect, test, vi } from "vitest";
import { RawConnection } from "./raw-client.ts";
import { request, startServer, webhookPath } from "./start-server.ts";

const declared: PushReceiver = {
  verify: verifier(token({ header: "x-token", secretOption: "token" }), "right"),
  form: { field: "payload" },
  respond: ({ body }) => (body.byteLength === 2 ? ignore("empty") : undefined),
  identify: ({ headers }) => headers["x-id"],
  storedHeaders: ["x-event"],
  async *pages() {
    yield { episodes: [] };
  },
};
const formType = "content-type: application/x-www-form-urlencoded";
const post = (body: string, ...headers: readonly string[]) =>
  request("POST", webhookPath, ["x-token: right", `content-length: ${body.length}`, ...headers], body);
const bodyOf = ([item]: readonly InboxItem[]) => (item?.type === "event" ? Buffer.from(item.body).toString() : undefined);

async function send(receiver: PushReceiver, ...requests: readonly string[]) {
  const running = await startServer({ mount: { receiver, maxBodyBytes: 300 } });
  const answers: unknown[] = [];
  for (const each of requests) {
    const connection = await RawConnection.open(running.port);
    connection.send(each);
    answers.push((await connection.response())?.status);
  }
  return { ...running, answers };
}

describe("a declared receiver", () => {
  test("verifies, answers and stores as one that decides by itself, and is counted like it", async () => {
    const sound = post('{"a":1}', "x-id: d1", "x-event: opened");
    const { answers, accepted, counted } = await send(declared, sound, sound, post("{}"), post("{}").replace("right", "wrong"));
    expect(answers).toEqual([200, 200, 200, 401]);
    expect(accepted).toMatchObject([{ type: "event", id: "d1", headers: { "x-event": "opened" } }]);
    expect(counted.filter((line) => line !== "received")).toEqual([
      "200 fresh",
      "200 duplicate",
      "200 responded",
      "401 responded",
    ]);
  });

  test("takes a form of three times the limit, because only its payload counts", async () => {
    const { answers, accepted } = await send(
      declared,
      post(`payload=${"%7B".repeat(300)}`, formType),
      post(`payload=${"%7B".repeat(301)}`, formType),
      post("{".repeat(301), "content-type: application/json"),
    );
    expect(answers).toEqual([200, 413, 413]);
    expect([accepted.length, bodyOf(accepted)]).toEqual([1, "{".repeat(300)]);
  });

  test("refuses a form by its declared length before it is read", async () => {
    const { answers } = await send(
      declared,
      request("POST", webhookPath, ["x-token: right", formType, "content-length: 923"]),
      request("POST", webhookPath, ["x-token: right", "content-length: 301"]),
    );
    expect(answers).toEqual([413, 413]);
  });

  test("takes the largest form of a receiver whose limit is 25 MiB, though it has more than 64 MiB on the wire", async () => {
    const { port, accepted, server } = await startServer({ mount: { receiver: declared, maxBodyBytes: 25 * 1024 * 1024 } });
    const answer = await fetch(`http://127.0.0.1:${port}${webhookPath}`, {
      method: "POST",
      headers: { "x-token": "right", "content-type": "application/x-www-form-urlencoded" },
      body: `payload=${"%7B".repeat(24_000_000)}`,
    });
    expect([answer.status, bodyOf(accepted)?.length, server.bodyBytesInFlight]).toEqual([200, 24_000_000, 0]);
  });

  test("whose verification hangs is answered 503 with Retry-After after three seconds", async () => {
    const verify = vi.fn<NonNullable<PushReceiver["verify"]>>(() => new Promise(() => undefined));
    const { port, clock, counted } = await startServer({ mount: { receiver: { ...declared, verify } } });
    const connection = await RawConnection.open(port);
    connection.send(post("{}"));
    await vi.waitFor(() => expect(verify).toHaveBeenCalled());
    await clock.advance(3_000);
    const answer = await connection.response();
    expect([answer?.status, answer?.headers["retry-after"]]).toEqual([503, "5"]);
    expect(counted).toEqual(["received", "503 unavailable"]);
  });
});
