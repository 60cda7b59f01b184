import { createServer, type RequestListener, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type Clock, Secret } from "@statewave-connectors/connector-sdk";
import { type OutboundEpisode, silentLogger, type Sink, systemClock } from "@statewave-connectors/connector-sdk/host";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import {
  type FakeStatewave,
  type FakeStatewaveOptions,
  type Fault,
  startFakeStatewave,
} from "@statewave-connectors/testing/fake-statewave";
import { afterEach, describe, expect, it } from "vitest";
import { openSink, type OpenSinkOptions } from "../../../src/sinks/open-sink.ts";
import { makeEpisode, makeEpisodes, outbound } from "../../delivery/make-episode.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function fakeStatewave(options: FakeStatewaveOptions = {}): Promise<FakeStatewave> {
  const fake = await startFakeStatewave(options);
  closers.push(() => fake.close());
  return fake;
}

interface Settings extends Partial<Omit<OpenSinkOptions, "statewave">> {
  readonly apiKey?: string;
  readonly tenantId?: string;
  readonly tenantHeader?: string;
}

async function openStatewave(url: string, settings: Settings = {}): Promise<Sink> {
  const { apiKey, tenantId, tenantHeader = "X-Tenant-ID", ...options } = settings;
  const sink = await openSink({
    statewave: { url, apiKey: apiKey === undefined ? undefined : new Secret(apiKey), tenantId, tenantHeader },
    clock: systemClock,
    logger: silentLogger,
    ...options,
  });
  closers.push(async () => sink.close?.());
  return sink;
}

/** A server that is not Statewave. */
async function strangeServer(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const never = () => new AbortController().signal;
const batch = (count: number): OutboundEpisode[] => makeEpisodes(count).map(outbound);

describe.each([
  ["undici", {}],
  ["an injected fetch", { fetchImpl: globalThis.fetch }],
] as const)("the Statewave sink through %s", (_, transport: Pick<Settings, "fetchImpl">) => {
  it("stores a batch with its keys, headers and provenance", async () => {
    const fake = await fakeStatewave({ apiKey: "s3cret", requireTenant: true, tenantHeader: "X-Org" });
    const sink = await openStatewave(`${fake.url}/`, {
      ...transport,
      apiKey: "s3cret\n",
      tenantId: "acme",
      tenantHeader: "X-Org",
    });
    expect(await sink.send(batch(100), never())).toEqual({ type: "accepted" });
    expect(fake.episodes).toHaveLength(100);
    expect(fake.episodes[7]).toMatchObject({
      subject_id: "repo:acme.widgets",
      idempotency_key: "key-7",
      tenant_id: "acme",
      metadata: { idempotency_key: "key-7" },
    });
    expect(fake.episodes[7]?.occurred_at).toBe("2026-01-02T03:04:05.678Z");
  });

  it("is recognised by its keys when a reply was lost", async () => {
    const fake = await fakeStatewave({ faults: [{ type: "lost_reply", times: 1 }] });
    const sink = await openStatewave(fake.url, transport);
    expect(await sink.send(batch(10), never())).toMatchObject({ type: "failed", suspect: false });
    expect(await sink.send(batch(10), never())).toEqual({ type: "accepted" });
    expect(fake.stats()).toMatchObject({ stored: 10, duplicates: 10 });
  });

  it("takes a 201 for stored although the echo behind it breaks off", async () => {
    const fake = await fakeStatewave({ faults: [{ type: "cut_body", times: 1 }] });
    const sink = await openStatewave(fake.url, transport);
    expect(await sink.send(batch(10), never())).toEqual({ type: "accepted" });
    expect(fake.stats().stored).toBe(10);
  });

  it("fails without blaming the batch when the connection is cut or refused", async () => {
    const fake = await fakeStatewave({ faults: [{ type: "reset", times: 1 }] });
    const sink = await openStatewave(fake.url, transport);
    expect(await sink.send(batch(1), never())).toMatchObject({ type: "failed", suspect: false });
    await fake.close();
    const refused = await sink.send(batch(1), never());
    expect(refused).toEqual({ type: "failed", suspect: false, reason: "network: ECONNREFUSED", requestId: expect.any(String) });
  });

  it("gives up after 30 s without an answer", async () => {
    const fake = await fakeStatewave({ faults: [{ type: "hang" }] });
    const clock = new FakeClock();
    const sink = await openStatewave(fake.url, { ...transport, clock });
    const sent = sink.send(batch(1), never());
    await arrival(fake);
    await clock.advance(29_999);
    expect(fake.stats().inFlight).toBe(1);
    await clock.advance(1);
    expect(await sent).toEqual({
      type: "failed",
      suspect: false,
      reason: "no answer within 30 s",
      requestId: expect.any(String),
    });
    expect(clock.pending).toBe(0);
  });

  it.each<[string, boolean, Fault[], FakeStatewaveOptions]>([
    ["works", true, [], {}],
    ["refuses the key", true, [], { apiKey: "another" }],
    ["asks for a pause", true, [{ type: "status", status: 429 }], {}],
    ["chokes on a batch", true, [{ type: "poison", marker: "hello" }], {}],
    ["answers 503", false, [{ type: "status", status: 503 }], {}],
    ["answers 500", false, [{ type: "status", status: 500 }], {}],
    ["cuts connections", false, [{ type: "reset" }], {}],
  ])("that %s is reachable: %s", async (_how, isReachable, faults, options) => {
    const fake = await fakeStatewave({ ...options, faults });
    const sink = await openStatewave(fake.url, transport);
    expect(await sink.isReachable?.(never())).toBe(isReachable);
    expect(fake.stats().stored).toBe(0);
  });

  it("is unreachable after 5 s without an answer, and when no server listens", async () => {
    const fake = await fakeStatewave({ faults: [{ type: "hang" }] });
    const clock = new FakeClock();
    const sink = await openStatewave(fake.url, { ...transport, clock });
    const asked = sink.isReachable?.(never());
    await arrival(fake);
    await clock.advance(5_000);
    expect(await asked).toBe(false);
    expect(clock.pending).toBe(0);
    await fake.close();
    expect(await sink.isReachable?.(never())).toBe(false);
  });

  it("ends at once when its signal aborts", async () => {
    const fake = await fakeStatewave({ faults: [{ type: "hang" }] });
    const sink = await openStatewave(fake.url, transport);
    const controller = new AbortController();
    const sent = sink.send(batch(1), controller.signal);
    await arrival(fake);
    controller.abort();
    expect(await sent).toMatchObject({ type: "failed", suspect: false });
  });

  it.each([
    [
      { status: 429, headers: { "retry-after": "17" } },
      { type: "limited", retryAfterMs: 17_000 },
    ],
    [
      { status: 503, headers: { "retry-after": "5" } },
      { type: "failed", suspect: false, retryAfterMs: 5000 },
    ],
    [{ status: 500 }, { type: "failed", suspect: true }],
    [
      { status: 502, body: "<html>Bad Gateway" },
      { type: "failed", suspect: false },
    ],
    [{ status: 404 }, { type: "stopped" }],
    [{ status: 413, body: "<html>" }, { type: "refused" }],
    [
      { status: 200, body: "<html>Sign in", headers: { "content-type": "text/html" } },
      { type: "stopped", code: "SINK_NOT_STATEWAVE" },
    ],
  ])("understands %j", async (fault, expected) => {
    const fake = await fakeStatewave({ faults: [{ type: "status", ...fault }] });
    const sink = await openStatewave(fake.url, transport);
    expect(await sink.send(batch(1), never())).toMatchObject(expected);
  });

  it("learns from a real 422 which items are meant", async () => {
    const fake = await fakeStatewave({ faults: [{ type: "refuse", marker: "BAD", as: "422" }] });
    const sink = await openStatewave(fake.url, transport);
    const items = batch(20).concat(outbound(makeEpisode("BAD")));
    expect(await sink.send(items, never())).toMatchObject({ type: "refused", indexes: [20] });
    expect(fake.stats().stored).toBe(0);
  });

  it("never follows a redirect, so the key stays with its host", async () => {
    const fake = await fakeStatewave();
    const url = await strangeServer((request, response) => {
      request.resume();
      response.writeHead(307, { location: `${fake.url}/v1/episodes/batch` }).end();
    });
    const sink = await openStatewave(url, { ...transport, apiKey: "s3cret" });
    expect(await sink.send(batch(1), never())).toMatchObject({ type: "stopped", reason: "307" });
    expect(fake.stats().requests).toBe(0);
  });

  it("reads no more of an endless error than it needs", async () => {
    let written = 0;
    const url = await strangeServer((request, response) => {
      request.resume();
      response.writeHead(422);
      const chunk = "x".repeat(64 * 1024);
      const pour = () => {
        while (!response.destroyed && response.write(chunk)) written += chunk.length;
        if (!response.destroyed) response.once("drain", pour);
      };
      pour();
    });
    const sink = await openStatewave(url, transport);
    expect(await sink.send(batch(1), never())).toEqual({ type: "refused", reason: "422", requestId: expect.any(String) });
    expect(written).toBeLessThan(16 * 1024 * 1024);
  });

  it("needs a key where the server wants one, and never shows it", async () => {
    const fake = await fakeStatewave({ apiKey: "right" });
    const without = await (await openStatewave(fake.url, transport)).send(batch(1), never());
    expect(without).toMatchObject({ type: "stopped", reason: "401 missing_api_key" });
    const sink = await openStatewave(fake.url, { ...transport, apiKey: "wr0ng" });
    const wrong = await sink.send(batch(1), never());
    expect(wrong).toMatchObject({ type: "stopped", reason: "403 invalid_api_key" });
    expect(JSON.stringify([wrong, sink.description])).not.toContain("wr0ng");
  });
});

describe("the Statewave sink", () => {
  it("keeps its connections: twenty batches in a row take two at most", async () => {
    const sockets = new Set<unknown>();
    const url = await strangeServer((request, response) => {
      sockets.add(request.socket);
      request.resume().on("end", () => response.writeHead(201).end('{"episodes":[]}'));
    });
    const sink = await openStatewave(url);
    for (let round = 0; round < 20; round += 1) await sink.send(batch(10), never());
    expect(sockets.size).toBeLessThanOrEqual(2);
  });

  it("reports each request with status, duration and items", async () => {
    const fake = await fakeStatewave({
      faults: [
        { type: "status", status: 503, times: 1 },
        { type: "reset", times: 1 },
      ],
    });
    const seen: unknown[] = [];
    const sink = await openStatewave(fake.url, { onRequest: ({ status, items }) => seen.push([status, items]) });
    for (let round = 0; round < 3; round += 1) await sink.send(batch(2), never());
    expect(seen).toEqual([
      ["503", 2],
      ["network", 2],
      ["201", 2],
    ]);
  });

  it("keeps a path prefix, and takes user info out of the address and into a header for the proxy", async () => {
    const seen: unknown[] = [];
    const url = await strangeServer((request, response) => {
      seen.push(
        request.url,
        request.headers.authorization,
        request.headers["user-agent"],
        typeof request.headers["x-request-id"],
      );
      request.resume().on("end", () => response.writeHead(201).end("{}"));
    });
    const sink = await openStatewave(`${url.replace("http://", "http://me:p%40ss@")}/memory/`);
    await sink.send(batch(1), never());
    expect(seen).toEqual(["/memory/v1/episodes/batch", `Basic ${btoa("me:p@ss")}`, "statewave-connectors", "string"]);
    expect(sink.description).toBe(`Statewave at ${url}/memory`);
  });

  it.each([
    [{ apiKey: "line\nbreak" }, "api_key contains"],
    [{ apiKey: "" }, "api_key is empty"],
    [{ tenantId: "t\0" }, "tenant_id contains"],
    [{ tenantId: "t", tenantHeader: "X Tenant" }, "tenant_header"],
  ])("refuses to open with %j", async (settings, message) => {
    await expect(openStatewave("http://127.0.0.1:9", settings)).rejects.toMatchObject({
      code: "SINK_CONFIG_INVALID",
      message: expect.stringContaining(message),
    });
  });
});

/** Resolves when a request arrived at the fake. */
async function arrival(fake: FakeStatewave, clock: Pick<Clock, "now"> = systemClock): Promise<void> {
  const endMs = clock.now() + 5000;
  while (fake.stats().inFlight === 0) {
    if (clock.now() > endMs) throw new Error("no request arrived");
    await new Promise((resolve) => setImmediate(resolve));
  }
}
