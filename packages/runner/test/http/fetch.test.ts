import { setImmediate as nextTurn } from "node:timers/promises";
import { ConnectorsError, Secret } from "@statewave-connectors/connector-sdk";
import { describe, expect, test } from "vitest";
import { only, signedReceiver, startServer, webhookPath } from "./start-server.ts";

const base = "http://embedder.example";

function post(body: RequestInit["body"], headers: Record<string, string> = {}): Request {
  return new Request(`${base}${webhookPath}`, {
    method: "POST",
    body,
    headers: { "x-signature": "right", ...headers },
    duplex: "half",
  } as RequestInit);
}

/** A body whose end never comes; shows when it is read and when its reading is given up. */
function endless() {
  const read = Promise.withResolvers<void>();
  const cancelled = Promise.withResolvers<void>();
  let sent = false;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      read.resolve();
      if (!sent) controller.enqueue(new Uint8Array(10));
      return sent ? new Promise<void>(() => undefined) : void (sent = true);
    },
    cancel: () => cancelled.resolve(),
  });
  return { stream, read: read.promise, cancelled: cancelled.promise };
}

describe("a request handed over", () => {
  test("is verified, stored once and counted like one from the port", async () => {
    const { server, accepted, counted } = await startServer();
    const answers = [await server.fetch(post("hello", { "x-id": "1" })), await server.fetch(post("hello", { "x-id": "1" }))];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(accepted.map((item) => Buffer.from((item as { body: Uint8Array }).body).toString())).toEqual(["hello"]);
    expect(counted).toEqual(["received", "200 fresh", "received", "200 duplicate"]);
  });

  test("with a wrong signature is answered 401 and not stored", async () => {
    const { server, accepted } = await startServer();
    const answer = await server.fetch(post("hello", { "x-signature": "wrong" }));
    expect([answer.status, await answer.json(), accepted]).toEqual([401, { error: "invalid_signature" }, []]);
  });

  test.each([
    ["GET", "/healthz", 200],
    ["HEAD", "/healthz", 200],
    ["GET", "/readyz", 200],
    ["GET", "/metrics", 200],
    ["POST", "/metrics", 405],
    ["GET", webhookPath, 405],
    ["GET", "/nowhere?a=1", 404],
  ])("%s %s is answered %i", async (method, path, status) => {
    const { server } = await startServer();
    const answer = await server.fetch(new Request(`${base}${path}`, { method }));
    expect(answer.status).toBe(status);
  });

  test("HEAD has no body", async () => {
    const { server } = await startServer();
    const answer = await server.fetch(new Request(`${base}/healthz`, { method: "HEAD" }));
    expect([answer.body, answer.headers.get("content-type")]).toEqual([null, "application/json"]);
  });

  test("for an unknown path gets the JSON 404 that lists the mounts", async () => {
    const { server } = await startServer();
    const answer = await server.fetch(new Request(`${base}/nowhere`));
    expect(await answer.json()).toEqual({ error: "not_found", hint: `mounted: ${webhookPath}` });
  });

  test("behind credentials is answered 401 without them", async () => {
    const { server } = await startServer({ metrics: { auth: { kind: "bearer", token: new Secret("t") } } });
    const scrape = (headers: Record<string, string>) => server.fetch(new Request(`${base}/metrics`, { headers }));
    const answers = [await scrape({}), await scrape({ authorization: "Bearer t" })];
    expect(answers.map(({ status }) => status)).toEqual([401, 200]);
  });
});

describe("the limits of a body", () => {
  test("a declared length above the limit is answered 413 before the body is read", async () => {
    const { server } = await startServer();
    const request = post(new ReadableStream({ type: "bytes" }), { "content-length": "1025" });
    expect((await server.fetch(request)).status).toBe(413);
    expect(request.bodyUsed).toBe(false);
  });

  test("a body that turns out larger is answered 413 and read no further", async () => {
    const { server } = await startServer({ mount: { maxBodyBytes: 5 } });
    const { stream, cancelled } = endless();
    expect((await server.fetch(post(stream))).status).toBe(413);
    await cancelled;
  });

  test("bodies share one budget with those of the port, and give it back", async () => {
    const { server } = await startServer({ bodyBudgetBytes: 100 });
    const { stream, read } = endless();
    const first = server.fetch(post(stream, { "content-length": "60" }));
    await read;
    const refused = await server.fetch(post("x".repeat(60)));
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
    await server.close(AbortSignal.abort());
    await first;
    expect(server.bodyBytesInFlight).toBe(0);
  });

  test("a body that is not whole in time is answered 408 and read no further", async () => {
    const { server, clock } = await startServer();
    const { stream, read, cancelled } = endless();
    const answer = server.fetch(post(stream));
    await read;
    await clock.advance(30_000);
    expect((await answer).status).toBe(408);
    await cancelled;
  });

  test("an inbox that does not answer in time is answered 503", async () => {
    const asked = Promise.withResolvers<void>();
    const accept = () => {
      asked.resolve();
      return new Promise<never>(() => undefined);
    };
    const { server, clock } = await startServer({ mount: { accept } });
    const answer = server.fetch(post("x"));
    await asked.promise;
    await clock.advance(10_000);
    expect((await answer).status).toBe(503);
  });

  test("nothing is stored of a client that leaves", async () => {
    const { server, accepted, counted } = await startServer();
    const { stream, read } = endless();
    const leaving = new AbortController();
    const answer = server.fetch(new Request(post(stream), { signal: leaving.signal }));
    await read;
    leaving.abort();
    expect((await answer).status).toBe(400);
    expect([accepted, counted]).toEqual([[], ["received"]]);
  });
});

describe("a failure", () => {
  const failing = (error: unknown) => ({ receiver: { ...signedReceiver, receive: () => rejecting(error) } });
  const rejecting = async (error: unknown) => {
    throw error;
  };

  test.each([
    ["a receiver that throws", failing(new Error("secret detail")), 500],
    [
      "an inbox that is full",
      failing(new ConnectorsError({ code: "INBOX_FULL", message: "secret detail", retryable: true })),
      503,
    ],
  ])("of %s is reported with its source, and not shown", async (_what, mount, status) => {
    const failures: unknown[] = [];
    const { server } = await startServer({
      mount,
      onFailure: (error, source) => failures.push([(error as Error).message, source]),
    });
    const answer = await server.fetch(post("x"));
    expect([answer.status, await answer.text()]).toEqual([status, expect.not.stringContaining("secret detail")]);
    expect(failures).toEqual([["secret detail", { kind: "slack", name: "team" }]]);
  });

  test("of rendering the metrics is reported without a source and answered 500", async () => {
    const failures: unknown[] = [];
    const { server } = await startServer({
      metrics: { slices: () => only(Promise.reject(new Error("secret detail"))) },
      onFailure: (...failure) => failures.push(failure),
    });
    const answer = await server.fetch(new Request(`${base}/metrics`));
    expect([answer.status, await answer.json()]).toEqual([500, { error: "internal_error" }]);
    expect(failures).toEqual([[new Error("secret detail")]]);
  });

  test.each([
    ["used", async (request: Request) => void (await request.text())],
    ["locked", async (request: Request) => void request.body?.getReader()],
  ])("of a body that is %s already names the cause", async (_how, spoil) => {
    const failures: unknown[] = [];
    const { server, logged } = await startServer({ onFailure: (error) => failures.push(error) });
    const request = post("hello");
    await spoil(request);
    expect((await server.fetch(request)).status).toBe(500);
    expect(failures).toMatchObject([{ code: "PUSH_BODY_READ", message: expect.stringContaining(webhookPath) }]);
    expect(logged).toMatchObject([{ level: "error", fields: { error: { code: "PUSH_BODY_READ" } } }]);
  });

  test("of a stream that a body parser left empty names the cause", async () => {
    const { server, logged } = await startServer();
    const empty = new ReadableStream({ start: (controller) => controller.close() });
    expect((await server.fetch(post(empty, { "content-length": "5" }))).status).toBe(500);
    expect(logged).toMatchObject([{ fields: { error: { code: "PUSH_BODY_READ" } } }]);
  });
});

describe("closing", () => {
  test("waits for what is being stored", async () => {
    const storing = Promise.withResolvers<"fresh">();
    const asked = Promise.withResolvers<void>();
    const accept = () => {
      asked.resolve();
      return storing.promise;
    };
    const { server } = await startServer({ mount: { accept } });
    const answer = server.fetch(post("x"));
    await asked.promise;
    let isClosed = false;
    const closed = server.close(new AbortController().signal).then(() => (isClosed = true));
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    expect([isClosed, server.isClosed]).toEqual([false, true]);
    storing.resolve("fresh");
    expect((await answer).status).toBe(200);
    await closed;
  });

  test("cuts a body that is not whole a second later", async () => {
    const { server, clock, accepted } = await startServer();
    const { stream, read, cancelled } = endless();
    const answer = server.fetch(post(stream));
    await read;
    const closed = server.close(new AbortController().signal);
    await clock.advance(1_000);
    await Promise.all([cancelled, closed]);
    expect([(await answer).status, accepted]).toEqual([400, []]);
  });
});
