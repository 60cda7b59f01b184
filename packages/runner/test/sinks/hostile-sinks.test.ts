import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { describe, expect, onTestFinished, test } from "vitest";
import { openSink } from "../../src/sinks/open-sink.ts";
import { keepingLogger } from "../health/logging.ts";
import { makeEpisodes, outbound } from "../delivery/make-episode.ts";

type Answer = Parameters<RequestListener>[1];

async function serverAt(answer: (response: Answer) => void): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().on("end", () => answer(response));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function send(url: string, fetchImpl: typeof globalThis.fetch | undefined, logger = silentLogger, rounds = 1) {
  const sink = await openSink({ statewave: { url, tenantHeader: "X-Tenant-ID" }, clock: systemClock, logger, fetchImpl });
  onTestFinished(async () => sink.close?.());
  const results = [];
  for (let round = 0; round < rounds; round += 1) {
    results.push(await sink.send(makeEpisodes(3).map(outbound), new AbortController().signal));
  }
  return results;
}

const json = { "content-type": "application/json" };
const nginxPage = `<!DOCTYPE html>\n<html><head><title>Welcome to nginx!</title></head><body>\n${"<p>thank you</p>\n".repeat(20)}</body></html>`;

/** Servers that answer a batch with success and store nothing. */
const strangers: readonly [string, (response: Answer) => void][] = [
  [
    "a login page of a proxy",
    (response) => response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<html>Sign in"),
  ],
  ["a web page without a type", (response) => response.writeHead(200).end(nginxPage)],
  ["the default page of nginx", (response) => response.writeHead(200, { "content-type": "text/html" }).end(nginxPage)],
  ["201 {}", (response) => response.writeHead(201, json).end("{}")],
  ["201 []", (response) => response.writeHead(201, json).end("[]")],
  ["{ ok: true } of another API", (response) => response.writeHead(200, json).end('{"ok":true}')],
  ["204 without a body", (response) => response.writeHead(204).end()],
  [
    "201 that counts no episode and repeats none",
    (response) => response.writeHead(201, json).end('{"episodes_created":0,"episodes":[]}'),
  ],
  ["202 with a job", (response) => response.writeHead(202, json).end('{"job_id":"7","status":"queued"}')],
  [
    "a service that mirrors the request",
    (response) => response.writeHead(200, json).end('{"method":"POST","json":{"episodes":[{"subject_id":"a"}]}}'),
  ],
];

describe.each([
  ["undici", undefined],
  ["an injected fetch", globalThis.fetch],
])("a server that is not Statewave, through %s", (_transport, fetchImpl) => {
  test.each(strangers)("stops the sink: %s", async (_, answer) => {
    const [result] = await send(await serverAt(answer), fetchImpl);
    expect(result).toMatchObject({
      type: "stopped",
      code: "SINK_NOT_STATEWAVE",
      reason: expect.stringContaining("does not come from Statewave"),
      hint: expect.stringContaining("[statewave] url"),
    });
  });

  test("is read no further than an echo can be long", async () => {
    let writtenBytes = 0;
    const url = await serverAt((response) => {
      response.writeHead(200, json).write('{"log":"');
      const chunk = "x".repeat(64 * 1024);
      const pour = () => {
        while (!response.destroyed && response.write(chunk)) writtenBytes += chunk.length;
        if (!response.destroyed) response.once("drain", pour);
      };
      pour();
    });
    expect((await send(url, fetchImpl))[0]).toMatchObject({ type: "stopped", code: "SINK_NOT_STATEWAVE" });
    expect(writtenBytes).toBeLessThan(32 * 1024 * 1024);
  });

  test("that closes the connection before its body is tried again", async () => {
    const url = await serverAt((response) => {
      response.writeHead(201, { ...json, "content-length": "100" }).flushHeaders();
      response.destroy();
    });
    expect((await send(url, fetchImpl))[0]).toMatchObject({ type: "failed", suspect: false });
  });
});

test("an answer of Statewave counts whatever type a proxy gives it", async () => {
  const echo = makeEpisodes(3).map((_, at) => ({ id: `${at}`, subject_id: "s", created_at: "2026-01-01T00:00:00Z" }));
  const body = JSON.stringify({ episodes_created: 3, episodes: echo });
  const url = await serverAt((response) => response.writeHead(201, { "content-type": "text/html" }).end(body));
  expect(await send(url, undefined)).toEqual([{ type: "accepted" }]);
});

describe.each([
  ["gzip", gzipSync],
  ["deflate", deflateSync],
  ["br", brotliCompressSync],
])("an answer that a proxy compressed with %s", (encoding, compress) => {
  const headers = { ...json, "content-encoding": encoding };

  test("is read like any other", async () => {
    const echo = makeEpisodes(3).map((_, at) => ({ id: `${at}`, subject_id: "s", created_at: "2026-01-01T00:00:00Z" }));
    const body = compress(JSON.stringify({ episodes_created: 3, episodes: echo }));
    const url = await serverAt((response) => response.writeHead(201, headers).end(body));
    expect(await send(url, undefined)).toEqual([{ type: "accepted" }]);
  });

  test("is read no further than an echo can be long", async () => {
    const body = compress(`{"log":"${"x".repeat(64 * 1024 * 1024)}"}`);
    const url = await serverAt((response) => response.writeHead(200, headers).end(body));
    expect((await send(url, undefined))[0]).toMatchObject({ type: "stopped", code: "SINK_NOT_STATEWAVE" });
  });

  test("counts as one that broke off when it cannot be decoded", async () => {
    const url = await serverAt((response) => response.writeHead(201, headers).end("{}"));
    expect((await send(url, undefined))[0]).toMatchObject({ type: "failed", suspect: false });
  });
});

/** Counts the connections and answers each batch with an echo of about 300 KB, whose rows `rowOf` makes. */
async function echoingServer(
  rowOf: (at: number) => Record<string, unknown>,
): Promise<{ url: string; connections: () => number }> {
  const sockets = new Set<unknown>();
  const url = await serverAt((response) => {
    sockets.add(response.socket);
    const episodes = Array.from({ length: 3 }, (_, at) => ({
      id: `${at}`,
      subject_id: "s",
      ...rowOf(at),
      text: "é".repeat(50_000),
    }));
    response.writeHead(201, json).end(JSON.stringify({ episodes_created: 3, episodes }));
  });
  return { url, connections: () => sockets.size };
}

describe.each([
  ["undici", undefined],
  ["an injected fetch", globalThis.fetch],
])("long echoes of a Statewave, through %s", (_transport, fetchImpl) => {
  test("are read to their end, so that connections are used again", async () => {
    const { url, connections } = await echoingServer(() => ({ created_at: "2026-01-01T00:00:00Z" }));
    expect(await send(url, fetchImpl, silentLogger, 10)).toEqual(Array.from({ length: 10 }, () => ({ type: "accepted" })));
    // A client opens a second one when a request follows before the first is free again.
    expect(connections()).toBeLessThanOrEqual(2);
  });

  test("are looked at whole once a minute: a field that begins to be missing is reported within it", async () => {
    const clock = new FakeClock();
    const { logger, lines } = keepingLogger();
    let upgraded = false;
    const { url } = await echoingServer(() => (upgraded ? {} : { created_at: "2026-01-01T00:00:00Z" }));
    const sink = await openSink({ statewave: { url, tenantHeader: "X-Tenant-ID" }, clock, logger, fetchImpl });
    onTestFinished(async () => sink.close?.());
    const sendOne = () => sink.send(makeEpisodes(3).map(outbound), new AbortController().signal);
    await sendOne();
    upgraded = true;
    await clock.advance(60_000);
    expect(await sendOne()).toEqual({ type: "accepted" });
    expect(lines.filter(({ level }) => level === "warn").map(({ fields }) => fields?.["missing"])).toEqual([
      ["episodes[].created_at"],
    ]);
  });

  test("whose beginning proves nothing are read whole", async () => {
    const url = await serverAt((response) => {
      const episodes = Array.from({ length: 3 }, () => ({ title: "Pilot".repeat(1_000) }));
      response.writeHead(201, json).end(JSON.stringify({ episodes }));
    });
    const results = await send(url, fetchImpl, silentLogger, 2);
    expect(results).toEqual([expect.objectContaining({ type: "stopped" }), expect.objectContaining({ type: "stopped" })]);
  });
});

test("a Statewave that leaves fields out is believed, and warned of once", async () => {
  const { logger, lines } = keepingLogger();
  const url = await serverAt((response) => response.writeHead(201, json).end('{"episodes_created":3}'));
  expect(await send(url, undefined, logger, 3)).toEqual([{ type: "accepted" }, { type: "accepted" }, { type: "accepted" }]);
  expect(lines.filter(({ level }) => level === "warn")).toEqual([
    expect.objectContaining({
      fields: {
        sink: expect.stringContaining("127.0.0.1"),
        request_id: expect.any(String),
        run_ids: [],
        missing: ["episodes"],
      },
    }),
  ]);
});
