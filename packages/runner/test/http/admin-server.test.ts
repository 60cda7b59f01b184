import { request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";
import type { MetricsAuth } from "@statewave-connectors/config/result";
import { isConnectorsError, Secret } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, onTestFinished, test } from "vitest";
import { type AdminServerOptions, createAdminServer } from "../../src/http/admin-server.ts";
import { isAdmittedHost } from "../../src/http/admin-host.ts";
import { RawConnection } from "./raw-client.ts";
import { only, healthy } from "./start-server.ts";

interface Admin extends Partial<AdminServerOptions["admin"]> {
  readonly auth?: MetricsAuth;
}

/** Answers status and body of a GET with these headers. */
async function startAdmin({ auth = { kind: "none" }, ...admin }: Admin = {}) {
  const server = createAdminServer({
    admin: { listen: { host: "127.0.0.1", port: 0 }, allowedHosts: [], ...admin },
    health: () => healthy,
    metrics: { path: "/metrics", auth, contentType: "text/plain", slices: () => only("up 1\n") },
    clock: new FakeClock(),
    logger: silentLogger,
  });
  const { port } = await server.listen();
  onTestFinished(() => server.close(AbortSignal.abort()));
  const ask = (path: string, headers: Record<string, string> = {}) => get(port, path, { host: `127.0.0.1:${port}`, ...headers });
  /** Writes the head of a request as it is given. */
  const write = async (...lines: readonly string[]) => {
    const connection = await RawConnection.open(port);
    connection.send(`${lines.join("\r\n")}\r\n\r\n`);
    const response = await connection.response();
    connection.destroy();
    return response;
  };
  return Object.assign(ask, { write });
}

/** Not by fetch, which sets Host itself. */
function get(port: number, path: string, headers: Record<string, string>): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ host: "127.0.0.1", port, path, headers, agent: false }, (incoming) => {
      void text(incoming).then((body) => resolve({ status: incoming.statusCode, body }), reject);
    });
    outgoing.once("error", reject).end();
  });
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

test("serves every part of the health report and the metrics", async () => {
  const ask = await startAdmin();
  const { ready: _ready, ...parts } = healthy;
  const readiness = await ask("/readyz");
  expect([readiness.status, JSON.parse(readiness.body)]).toEqual([200, { status: "ready", ...parts }]);
  expect(await ask("/metrics")).toEqual({ status: 200, body: "up 1\n" });
  expect(await ask("/nowhere")).toMatchObject({ status: 404, body: expect.stringContaining("/readyz") });
});

test("a page of a foreign site that resolves to this machine reads nothing, with or without the token", async () => {
  const ask = await startAdmin({ token: new Secret("t0ken") });
  for (const path of ["/readyz", "/metrics", "/healthz", "/nowhere"]) {
    const refused = await ask(path, { ...bearer("t0ken"), host: "rebound.example:9464" });
    expect([path, refused.status]).toEqual([path, 403]);
    expect(refused.body).not.toMatch(/"store"|up 1/);
  }
});

const good = "Host: 127.0.0.1";

test.each([
  ["GET http://evil.example/readyz HTTP/1.1", good],
  ["GET https://rebound.example:9464/metrics HTTP/1.1", good],
  ["GET http://127.0.0.1@evil.example/readyz HTTP/1.1", good],
  ["GET http:///readyz HTTP/1.1", good],
  ["GET http://127.0.0.1/readyz HTTP/1.1", "Host: evil.example"],
  ["GET /readyz HTTP/1.1", good, "Host: evil.example"],
  ["GET /readyz HTTP/1.1", "Host: evil.example", good],
  ["GET /metrics HTTP/1.1", good, "hOST: 127.0.0.1"],
  ["GET /readyz HTTP/1.0"],
])("a request that names another host or several is refused: %s, %s, %s", async (...lines) => {
  const ask = await startAdmin();
  const response = await ask.write(...lines, "Connection: close");
  expect(response?.status).toBe(403);
  expect(response?.body).toContain("host_not_allowed");
});

test("a target in absolute form that names this server is answered, as RFC 9112 has it", async () => {
  const ask = await startAdmin();
  const response = await ask.write("GET http://localhost:9464/metrics HTTP/1.1", "Host: localhost:9464", "Connection: close");
  expect(response).toMatchObject({ status: 200, body: "up 1\n" });
});

test.each(["127.0.0.1", "localhost:9464", "LOCALHOST", "[::1]:9464", "localhost.", "admin.internal", "203.0.113.7:9464"])(
  "Host %s is one of its own",
  (header) => {
    expect(isAdmittedHost(header, { host: "127.0.0.1", allowedHosts: ["Admin.Internal", "203.0.113.7"] })).toBe(true);
  },
);

test.each([
  undefined,
  "",
  "example.com",
  "localhost.example.com",
  "127.0.0.1.example.com",
  "10.0.0.7",
  "user@localhost",
  "localhost/x",
  "localhost:9:9",
])("Host %j is foreign to an address on loopback", (header) => {
  expect(isAdmittedHost(header, { host: "127.0.0.1", allowedHosts: [] })).toBe(false);
});

test("a server on all addresses takes every address as Host, and no name but those configured", () => {
  const everywhere = { host: "0.0.0.0", allowedHosts: ["runner.svc"] };
  for (const header of ["10.0.0.7:9464", "[2001:db8::7]:9464", "runner.svc:9464"])
    expect(isAdmittedHost(header, everywhere)).toBe(true);
  for (const header of ["runner", "evil.example"]) expect(isAdmittedHost(header, everywhere)).toBe(false);
  const named = { host: "Admin.Example", allowedHosts: [] };
  expect([isAdmittedHost("admin.example:9464", named), isAdmittedHost("10.0.0.7", named)]).toEqual([true, false]);
});

describe("with a token", () => {
  test("every path needs it", async () => {
    const ask = await startAdmin({ token: new Secret("t0ken") });
    for (const path of ["/readyz", "/metrics", "/healthz", "/nowhere"]) {
      for (const headers of [{}, bearer("wrong"), bearer(""), { authorization: "Basic dDBrZW4=" }]) {
        expect([path, (await ask(path, headers)).status]).toEqual([path, 401]);
      }
    }
    expect((await ask("/readyz", bearer("t0ken"))).status).toBe(200);
    expect((await ask("/metrics", bearer("t0ken"))).status).toBe(200);
  });

  test("a scraper's own credentials open the metrics, and nothing else", async () => {
    const ask = await startAdmin({ token: new Secret("t0ken"), auth: { kind: "bearer", token: new Secret("scraper") } });
    expect((await ask("/metrics", bearer("scraper"))).status).toBe(200);
    expect((await ask("/metrics", bearer("t0ken"))).status).toBe(200);
    expect((await ask("/metrics")).status).toBe(401);
    expect((await ask("/metrics", bearer("wrong"))).status).toBe(401);
    expect((await ask("/readyz", bearer("scraper"))).status).toBe(401);
  });
});

test("wrong tokens for the admin address do not hold up the scraper of the same address", async () => {
  const ask = await startAdmin({ token: new Secret("t0ken"), auth: { kind: "bearer", token: new Secret("scraper") } });
  for (let attempt = 0; attempt < 6; attempt += 1) await ask("/readyz", bearer(`guess-${attempt}`));
  expect((await ask("/readyz", bearer("t0ken"))).status).toBe(429);
  expect((await ask("/metrics", bearer("scraper"))).status).toBe(200);
});

test("without a token the metrics still need their credentials", async () => {
  const ask = await startAdmin({ auth: { kind: "basic", username: "u", password: new Secret("p") } });
  expect((await ask("/metrics")).status).toBe(401);
  expect((await ask("/metrics", { authorization: `Basic ${Buffer.from("u:p").toString("base64")}` })).status).toBe(200);
  expect((await ask("/readyz")).status).toBe(200);
});

test("an address beyond loopback is not listened on without a token, whatever the configuration let through", async () => {
  const failure = await startAdmin({ listen: { host: "0.0.0.0", port: 0 } }).catch((error: unknown) => error);
  expect(isConnectorsError(failure, "RUNNER_ADMIN_EXPOSED")).toBe(true);
  await startAdmin({ listen: { host: "0.0.0.0", port: 0 }, token: new Secret("t0ken") });
});
