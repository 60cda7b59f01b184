import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { ConnectorsError, Secret } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { describe, expect, test } from "vitest";
import { createHttpServer } from "../../src/http/server.ts";
import { RawConnection } from "./raw-client.ts";
import { only, request, signedPost, signedReceiver, startServer, webhookPath } from "./start-server.ts";

describe("probes", () => {
  test("/healthz answers 200 whatever the state of the parts", async () => {
    const { port } = await startServer({ isReady: () => false });
    const response = await fetch(`http://127.0.0.1:${port}/healthz`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: "ok" });
  });

  test("/readyz answers 200 with the overall status alone while ready", async () => {
    const { port } = await startServer();
    const response = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect([response.status, await response.json()]).toEqual([200, { status: "ready" }]);
  });

  test("/readyz answers 503 without a reason while not ready, whatever a request claims about its origin", async () => {
    const { port } = await startServer({ isReady: () => false });
    const forwarded = { "x-forwarded-for": "127.0.0.1", authorization: "Bearer t", host: "localhost" };
    for (const headers of [{}, forwarded]) {
      const response = await fetch(`http://127.0.0.1:${port}/readyz?details=1`, { headers });
      expect([response.status, await response.json()]).toEqual([503, { status: "not_ready" }]);
    }
  });

  test("probes need no credentials when /metrics does", async () => {
    const { port } = await startServer({ metrics: { auth: { kind: "bearer", token: new Secret("a-token") } } });
    for (const path of ["/healthz", "/readyz"]) expect((await fetch(`http://127.0.0.1:${port}${path}`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(401);
  });

  test("a metrics path set to a probe's puts no credentials before the probe", async () => {
    const { port } = await startServer({ metrics: { path: "/healthz", auth: { kind: "bearer", token: new Secret("a-token") } } });
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  });

  test("answers HEAD without a body and with the length a GET would have", async () => {
    const { port } = await startServer();
    const connection = await RawConnection.open(port);
    connection.send(request("HEAD", "/healthz"));
    const response = await connection.response({ headOnly: true });
    expect(response).toMatchObject({ status: 200, headers: { "content-length": "15" } });
    connection.send(request("GET", "/healthz"));
    expect(await connection.response()).toMatchObject({ status: 200, body: '{"status":"ok"}' });
  });

  test("a health report that throws is answered 500 without details and logged once", async () => {
    const isReady = () => {
      throw new Error("secret detail");
    };
    const { port, logged } = await startServer({ isReady });
    const response = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect([response.status, await response.text()]).toEqual([500, '{"error":"internal_error"}']);
    expect(logged.map(({ level, message }) => [level, message])).toEqual([["error", "request failed"]]);
  });
});

describe("metrics", () => {
  test("serves the exposition with its content type", async () => {
    const { port } = await startServer({ metrics: { path: "/internal/m" } });
    const response = await fetch(`http://127.0.0.1:${port}/internal/m`);
    expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([200, "text/plain", "up 1\n"]);
  });

  test("scrapes that overlap share one rendering, later ones get their own", async () => {
    const gate = Promise.withResolvers<string>();
    let renderings = 0;
    const slices = () => {
      renderings += 1;
      return only(renderings === 1 ? gate.promise : "second\n");
    };
    const { port } = await startServer({ metrics: { slices } });
    const connection = await RawConnection.open(port);
    connection.send(request("GET", "/metrics").repeat(500) + request("GET", "/healthz"));
    const probe = await RawConnection.open(port);
    probe.send(request("GET", "/healthz"));
    await probe.response();
    gate.resolve("first\n");
    for (let count = 0; count < 500; count++) expect((await connection.response())?.body).toBe("first\n");
    expect(renderings).toBe(1);
    expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toBe("second\n");
  });
});

test.each([
  ["gzip", "gzip"],
  ["br, GZIP;q=0.5", "gzip"],
  ["gzip;q=0", undefined],
  ["identity", undefined],
])("to a scraper that accepts %j the metrics are sent with the encoding %s", async (accepted, encoding) => {
  const { port } = await startServer({ metrics: { slices: () => only("up 1\n".repeat(10_000)) } });
  const connection = await RawConnection.open(port);
  connection.send(request("GET", "/metrics", [`accept-encoding: ${accepted}`, "connection: close"]));
  const { headers = {} } = (await connection.response()) ?? {};
  expect(headers["content-encoding"]).toBe(encoding);
  expect(headers["vary"]).toBe("accept-encoding");
  const sentBytes = Number(headers["content-length"]);
  expect(sentBytes === 50_000).toBe(encoding === undefined);
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { "accept-encoding": accepted } });
  expect(await response.text()).toBe("up 1\n".repeat(10_000));
});

test("without metrics of its own their path is one like any other", async () => {
  const server = createHttpServer({ ...bare, metrics: undefined });
  const { url } = await server.listen();
  expect((await fetch(`${url}/metrics`)).status).toBe(404);
  await server.close(AbortSignal.abort());
});

describe("paths", () => {
  test("an unknown path answers 404 and lists what is mounted", async () => {
    const { port } = await startServer();
    const response = await fetch(`http://127.0.0.1:${port}/slack/events`);
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("x-powered-by")).toBeNull();
    expect(await response.json()).toEqual({ error: "not_found", hint: `mounted: ${webhookPath}` });
  });

  test("hide_mounts leaves the hint out", async () => {
    const { port } = await startServer({ hideMounts: true });
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).json()).toEqual({ error: "not_found" });
  });

  test("a long list of mounts is cut", async () => {
    const mounts = Array.from({ length: 60 }, (_, index) => ({
      source: { kind: "slack", name: `n${index}` },
      path: `/slack/n${index}/events`,
      receiver: signedReceiver,
      accept: async () => "fresh" as const,
    }));
    const { port } = await startServer({ mounts });
    const { hint } = (await (await fetch(`http://127.0.0.1:${port}/`)).json()) as { hint: string };
    expect(hint).toContain("/slack/n49/events, and 10 more");
  });

  test("the query is no part of the path, and reaches the receiver as sent", async () => {
    const paths: string[] = [];
    const receive = (received: { path: string }) => {
      paths.push(received.path);
      return { type: "respond", response: { status: 204 } } as const;
    };
    const { port } = await startServer({ mount: { receiver: { ...signedReceiver, receive } } });
    const connection = await RawConnection.open(port);
    for (const target of [
      `${webhookPath}?a=%zz&b=?`,
      `http://other.example${webhookPath}?c`,
      `HTTPS://u@[::1]:1${webhookPath}`,
    ]) {
      connection.send(request("POST", target, ["content-length: 0"]));
      expect((await connection.response())?.status).toBe(204);
    }
    expect(paths).toEqual([`${webhookPath}?a=%zz&b=?`, `${webhookPath}?c`, webhookPath]);
  });
});

describe("listening", () => {
  test("a port in use is reported in a sentence with a hint", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const server = createHttpServer({ ...bare, port });
    const failure: unknown = await server.listen().catch((error: unknown) => error);
    other.close();
    expect(failure).toBeInstanceOf(ConnectorsError);
    expect(failure).toMatchObject({
      code: "RUNNER_PORT_IN_USE",
      message: expect.stringContaining(String(port)),
      hint: expect.any(String),
    });
  });

  test("an address of another machine is reported in a sentence with a hint", async () => {
    const failure: unknown = await createHttpServer({ ...bare, host: "192.0.2.1" })
      .listen()
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "RUNNER_HOST_UNAVAILABLE", message: expect.stringContaining("192.0.2.1") });
  });

  test("closing a server that never listened is harmless, and so is closing twice", async () => {
    const server = createHttpServer(bare);
    const closing = server.close(AbortSignal.abort());
    await expect(closing).resolves.toBeUndefined();
    await expect(server.close(AbortSignal.abort())).resolves.toBeUndefined();
  });

  test("answers on the address it reports", async () => {
    const server = createHttpServer({ ...bare, host: "::1" });
    const { url } = await server.listen();
    expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await server.close(AbortSignal.abort());
  });
});

const bare = {
  host: "127.0.0.1",
  port: 0,
  mounts: [],
  isReady: () => true,
  metrics: { path: "/metrics", auth: { kind: "none" }, contentType: "text/plain", slices: () => only("") },
  maxBodyBytes: 1024,
  hideMounts: false,
  clock: { now: () => 0, after: () => () => undefined },
  logger: silentLogger,
  observe: () => ({ received: () => undefined, answered: () => undefined }),
} as const;

test("keeps a connection open over many requests", async () => {
  const { port, accepted } = await startServer();
  const connection = await RawConnection.open(port);
  for (let count = 0; count < 20; count++) {
    connection.send(signedPost("{}"));
    expect(await connection.response()).toMatchObject({ status: 200, headers: { connection: "keep-alive" } });
  }
  expect(accepted).toHaveLength(20);
});
