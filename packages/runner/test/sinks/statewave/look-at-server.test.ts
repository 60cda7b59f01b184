import { createServer, type RequestListener } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Secret } from "@statewave-connectors/connector-sdk";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { type FakeStatewaveOptions, startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { describe, expect, onTestFinished, test } from "vitest";
import { checkAccess } from "../../../src/sinks/statewave/check-access.ts";
import { lookAtServer } from "../../../src/sinks/statewave/look-at-server.ts";
import { openServer } from "../../../src/sinks/statewave/open-server.ts";
import { remarksOn } from "../../../src/sinks/statewave/server-remarks.ts";

const never = () => new AbortController().signal;

function serverAt(url: string, settings: { readonly apiKey?: Secret; readonly tenantId?: string } = {}) {
  const server = openServer({ statewave: { url, tenantHeader: "X-Tenant-ID", ...settings }, clock: systemClock });
  if (server === undefined) throw new TypeError(`${url} is no server`);
  onTestFinished(() => server.close());
  return server;
}

async function fakeAt(options: FakeStatewaveOptions = {}) {
  const fake = await startFakeStatewave(options);
  onTestFinished(() => fake.close());
  return fake;
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function remarksAt(url: string) {
  const look = await lookAtServer(serverAt(url), systemClock, never());
  return (look === undefined ? [] : remarksOn(look)).map(({ level, message, values }) => ({ level, message, ...values }));
}

/** Answers the paths that need no key; 404 for others. */
const answering =
  (answers: Readonly<Record<string, readonly [status: number, body: unknown]>>): RequestListener =>
  (request, response) => {
    const [status, body] = answers[request.url ?? ""] ?? [404, "<html>not here</html>"];
    response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
  };

describe("a look at a server", () => {
  test("finds a newest one well, needs no key, and writes nothing", async () => {
    const fake = await fakeAt({ apiKey: "right", requireTenant: true });
    expect(await remarksAt(fake.url)).toEqual([
      { level: "ok", message: expect.stringContaining("recognises idempotency keys"), version: "1.4.0" },
      { level: "ok", message: expect.stringContaining("compiles memories") },
    ]);
    expect(fake.stats()).toMatchObject({ requests: 0, stored: 0 });
  });

  test.each([
    ["0.7.1", ["ignores idempotency keys", "ignores when something happened"]],
    ["1.0.0", ["ignores idempotency keys"]],
  ] as const)("warns of what %s ignores, with its version", async (release, ignored) => {
    const fake = await fakeAt({ release });
    const warnings = (await remarksAt(fake.url)).filter(({ level }) => level === "warn");
    expect(warnings).toEqual(
      ignored.map((words) => ({ level: "warn", message: expect.stringContaining(words), version: release })),
    );
  });

  test.each([
    [3_600_000, { server_ahead_s: 3_600 }],
    [-120_000, { server_behind_s: 120 }],
  ])("warns of a clock that is off by %i ms", async (offMs, values) => {
    const fake = await fakeAt({ dateNow: () => Date.now() + offMs });
    const [first] = await remarksAt(fake.url);
    // A request may take a moment of its own.
    expect(first).toMatchObject({ level: "warn", message: "the clocks of the server and of this machine differ" });
    const [[name, seconds] = []] = Object.entries(values);
    expect(Math.abs(Number(first?.[name as keyof typeof first]) - Number(seconds))).toBeLessThan(60);
  });

  test("passes over a clock that is off by less than a minute", async () => {
    const fake = await fakeAt({ dateNow: () => Date.now() - 20_000 });
    expect((await remarksAt(fake.url)).map(({ level }) => level)).toEqual(["ok", "ok"]);
  });

  test("reports what is not well in the words of the server, cut to a line", async () => {
    const checks = [
      { name: "database", status: "fail", detail: "connection refused ".repeat(50) },
      { name: "queue", status: "degraded" },
      { name: "llm", status: "ok", detail: "not configured (skip)" },
      "nonsense",
    ];
    const url = await serve(answering({ "/readyz": [503, { status: "not_ready", checks }] }));
    const [first] = await remarksAt(url);
    expect(first).toMatchObject({ level: "fail", message: "the server is not ready" });
    expect(first).toHaveProperty("checks", expect.stringMatching(/^database: connection refused .{150,180}; queue$/));
    const degraded = await serve(answering({ "/readyz": [200, { status: "degraded", checks: [] }] }));
    expect((await remarksAt(degraded))[0]).toEqual({ level: "warn", message: "the server is degraded" });
    const old = await serve(answering({ "/readyz": [500, { error: { code: "internal_error" } }] }));
    expect((await remarksAt(old))[0]).toEqual({ level: "fail", message: "the server is not ready" });
  });

  test("warns of a server without a compile route", async () => {
    const schemas = { CreateEpisodeRequest: { properties: { occurred_at: {}, idempotency_key: {} } } };
    const document = { info: { version: "0.1" }, paths: { "/v1/episodes": {} }, components: { schemas } };
    const url = await serve(answering({ "/openapi.json": [200, document] }));
    expect((await remarksAt(url))[0]).toMatchObject({ level: "warn", message: expect.stringContaining("/v1/memories/compile") });
  });

  test.each<[string, Parameters<typeof answering>[0]]>([
    ["answers only pages", {}],
    [
      "answers other JSON",
      { "/openapi.json": [200, { components: [] }], "/v1/version": [200, { version: 7 }], "/readyz": [200, []] },
    ],
    ["answers no JSON", { "/openapi.json": [200, "{"], "/v1/version": [200, ""], "/readyz": [503, "<html>"] }],
  ])("claims nothing of one that %s", async (_, answers) => {
    expect((await remarksAt(await serve(answering(answers)))).map(({ level }) => level)).toEqual(["unknown"]);
  });

  test("finds nothing where no server answers", async () => {
    const fake = await fakeAt();
    await fake.close();
    expect(await lookAtServer(serverAt(fake.url), systemClock, never())).toBeUndefined();
  });
});

describe("whether a server takes episodes", () => {
  const secured: FakeStatewaveOptions = { apiKey: "right", requireTenant: true };
  test.each<[string, FakeStatewaveOptions, Parameters<typeof serverAt>[1], unknown]>([
    ["granted with key and tenant", secured, { apiKey: new Secret("right"), tenantId: "t" }, { type: "granted" }],
    ["refused without a key", secured, {}, { type: "refused", reason: "401 missing_api_key" }],
    ["refused for a wrong key", secured, { apiKey: new Secret("wr0ng") }, { type: "refused", reason: "403 invalid_api_key" }],
    ["refused without a tenant", secured, { apiKey: new Secret("right") }, { type: "refused", reason: "400 missing_tenant" }],
    ["limited", { faults: [{ type: "status", status: 429 }] }, {}, { type: "limited" }],
    ["failing", { faults: [{ type: "status", status: 503 }] }, {}, { type: "failing", reason: "503 injected" }],
    [
      "failing, and no missing tenant, for a 400 about the body",
      { faults: [{ type: "status", status: 400, code: "http_error" }] },
      {},
      { type: "failing", reason: "400 http_error" },
    ],
    ["unreachable", { faults: [{ type: "reset" }] }, {}, { type: "unreachable" }],
  ])("is %s, without a write", async (_, options, settings, expected) => {
    const fake = await fakeAt(options);
    expect(await checkAccess(serverAt(fake.url, settings), systemClock, never())).toMatchObject(expected as object);
    expect(fake.stats().stored).toBe(0);
  });

  test.each<[string, RequestListener]>([
    ["answers 200 with a page", (_, response) => response.writeHead(200).end("<html>Welcome</html>")],
    ["answers 200 with other JSON", (_, response) => response.writeHead(200).end('{"ok":true}')],
    ["answers 422 with a page", (_, response) => response.writeHead(422).end("<html>no</html>")],
  ])("is refused where another server %s", async (_, listener) => {
    const url = await serve((request, response) => request.resume().on("end", () => listener(request, response)));
    expect(await checkAccess(serverAt(url), systemClock, never())).toMatchObject({ type: "refused", hint: expect.any(String) });
  });
});

test("a file and stdout have no server", () => {
  for (const url of ["file:./episodes.jsonl", "stdout:"])
    expect(openServer({ statewave: { url, tenantHeader: "X-Tenant-ID" }, clock: systemClock })).toBeUndefined();
});
