import { once } from "node:events";
import { createServer, type IncomingMessage, request as send, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { type InboxItem } from "../../src/inbox/index.ts";
import { type NodeListener, toFetchHandler, toNodeListener } from "../../src/receive/index.ts";
import { systemClock } from "../../src/host/index.ts";

async function listen(listener: NodeListener): Promise<string> {
  const server = createServer(listener);
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A receiver that takes everything, behind whatever `before` does with the raw request. */
async function listenWithReceiver(before: (incoming: IncomingMessage & { body?: unknown }) => unknown = () => undefined) {
  const stored: InboxItem[] = [];
  const errors: unknown[] = [];
  const listener = toNodeListener(
    toFetchHandler({
      source: { kind: "any", name: "one" },
      receiver: { receive: () => ({ type: "event" }), async *pages() {} },
      accept: async (item) => (stored.push(item), "fresh"),
      clock: systemClock,
      onError: (error) => errors.push(error),
    }),
  );
  const url = await listen((incoming, outgoing) => {
    void Promise.resolve(before(incoming)).then(() => listener(incoming, outgoing));
  });
  const bodies = () => stored.map((item) => Buffer.from((item as { body: Uint8Array }).body).toString());
  return { url, bodies, errors };
}

test("the bytes of a body arrive as they were sent", async () => {
  const { url, bodies } = await listenWithReceiver();
  const response = await fetch(`${url}/hook?a=%41`, { method: "POST", body: '{"é": 1 }' });
  expect([response.status, bodies()]).toEqual([200, ['{"é": 1 }']]);
});

test.each([
  ["a Buffer", (raw: string) => Buffer.from(raw)],
  ["a string", (raw: string) => raw],
])("a body that a parser kept as %s is used", async (_what, keep) => {
  const { url, bodies } = await listenWithReceiver(async (incoming) => (incoming.body = keep(await text(incoming))));
  expect((await fetch(url, { method: "POST", body: "raw" })).status).toBe(200);
  expect(bodies()).toEqual(["raw"]);
});

test.each([
  ["with a length", { body: '{"a":1}' }],
  ["in chunks", { body: new Blob(['{"a":1}']).stream(), duplex: "half" }],
])("a body sent %s that was parsed is refused with the cause", async (_how, body) => {
  const { url, bodies, errors } = await listenWithReceiver(
    async (incoming) => (incoming.body = JSON.parse(await text(incoming))),
  );
  const response = await fetch(`${url}/hook`, { method: "POST", ...(body as RequestInit) });
  expect([response.status, await response.json(), bodies()]).toEqual([500, { error: "internal_error" }, []]);
  expect(errors).toMatchObject([{ code: "PUSH_BODY_READ", message: expect.stringContaining("POST /hook") }]);
});

describe("the answer", () => {
  test("has the handler's status, headers and body", async () => {
    const url = await listen(
      toNodeListener(async ({ url: seen }) => new Response(seen, { status: 201, headers: { "x-a": "b" } })),
    );
    const response = await fetch(`${url}//elsewhere/x?y=1`);
    expect([response.status, response.headers.get("x-a"), await response.text()]).toEqual([
      201,
      "b",
      "http://localhost//elsewhere/x?y=1",
    ]);
  });

  test("has a length, so that it is not sent in chunks", async () => {
    const url = await listen(toNodeListener(async () => new Response("four")));
    const { headers } = await fetch(url);
    expect([headers.get("content-length"), headers.get("transfer-encoding")]).toEqual(["4", null]);
  });

  test("of a handler that throws is 500 without details", async () => {
    const url = await listen(toNodeListener(() => Promise.reject(new Error("secret detail"))));
    const response = await fetch(url);
    expect([response.status, await response.text()]).toEqual([500, ""]);
  });

  test.each([
    ["TRACE", "/"],
    ["OPTIONS", "*"],
  ])("to a request that fetch does not have, %s %s, is 400", async (method, path) => {
    const url = await listen(toNodeListener(async () => new Response()));
    const sent = send(url, { method, path }).end();
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(400);
  });

  test("to a client that has left is not written", async () => {
    const seen = Promise.withResolvers<Request>();
    const answered = Promise.withResolvers<void>();
    let outgoing: ServerResponse | undefined;
    const listener = toNodeListener(async (request) => {
      seen.resolve(request);
      await once(request.signal, "abort");
      answered.resolve();
      return new Response("late");
    });
    const url = await listen((incoming, response) => listener(incoming, (outgoing = response)));
    const leaving = new AbortController();
    const answer = fetch(url, { signal: leaving.signal }).catch((error: unknown) => error);
    await seen.promise;
    leaving.abort();
    expect(await answer).toMatchObject({ name: "AbortError" });
    await answered.promise;
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    expect(outgoing?.headersSent).toBe(false);
  });
});
