import type { RequestListener } from "node:http";
import { gzipSync } from "node:zlib";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { makeAuthority } from "@statewave-connectors/testing/servers";
import { expect, onTestFinished, test } from "vitest";
import { type Network, networkOf, plainNetwork } from "../../../src/network/network.ts";
import { openServer } from "../../../src/sinks/statewave/open-server.ts";
import { closedPort, fileWith, httpServer, proxyServer, tlsServer } from "../../network/servers.ts";

const never = new AbortController().signal;
const request = { method: "POST", path: "/v1/episodes/batch", body: '{"episodes":[]}', timeoutMs: 60_000 } as const;

function serverAt(url: string, network: Network = plainNetwork) {
  const server = openServer({ statewave: { url, tenantHeader: "X-Tenant-ID" }, clock: systemClock, network, keepAlive: false });
  if (server === undefined) throw new TypeError(`${url} is no server`);
  onTestFinished(() => server.close());
  return server;
}

const refusal: RequestListener = (incoming, response) => {
  const { method, url, headers } = incoming;
  const seen = { method, url, length: headers["content-length"], type: headers["content-type"] };
  response.writeHead(422, { "retry-after": "7", "content-encoding": "gzip" }).end(gzipSync(JSON.stringify(seen)));
};

/** What `refusal` saw of the request. */
const seen = JSON.stringify({ method: "POST", url: request.path, length: "15", type: "application/json" });

test("sends a request and reads the answer as the sink does, without a connection that stays open", async () => {
  const port = await httpServer((incoming, response) => {
    expect(incoming.headers.connection).toBe("close");
    refusal(incoming, response);
  });
  expect(await serverAt(`http://127.0.0.1:${port}`).exchange(request, never)).toEqual({
    type: "answered",
    answer: { status: 422, retryAfter: "7", date: expect.any(String), body: seen, isWhole: true },
  });
});

test("trusts [runner.http] ca_file, and no other authority", async () => {
  const authority = await makeAuthority();
  const port = await tlsServer(await authority.issue(["IP:127.0.0.1"]), refusal);
  const url = `https://127.0.0.1:${port}`;
  const trusting = serverAt(url, networkOf({ caFile: fileWith(authority.certificate) }, {}));
  expect(await trusting.exchange(request, never)).toMatchObject({ type: "answered", answer: { status: 422, body: seen } });
  expect(await serverAt(url).exchange(request, never)).toMatchObject({
    type: "silent",
    status: "network",
    reason: expect.stringMatching(/CERT|SIGNATURE|ISSUER/),
  });
});

test("goes through the proxy of the network", async () => {
  const fake = await startFakeStatewave();
  onTestFinished(() => fake.close());
  const proxy = await proxyServer();
  const server = serverAt(fake.url, networkOf({}, { HTTP_PROXY: proxy.url }));
  expect(await server.exchange(request, never)).toMatchObject({ type: "answered", answer: { status: 422 } });
  expect(proxy.requests).toEqual([`POST ${fake.url}${request.path}`]);
});

test("names a connection that is refused or breaks off, and ends with its signal", async () => {
  const refused = await serverAt(`http://127.0.0.1:${await closedPort()}`).exchange(request, never);
  expect(refused).toEqual({ type: "silent", status: "network", reason: "network: ECONNREFUSED" });
  const breaking = await httpServer((_, response) => response.destroy());
  expect(await serverAt(`http://127.0.0.1:${breaking}`).exchange(request, never)).toEqual({
    type: "silent",
    status: "network",
    reason: "network: ECONNRESET",
  });
  const abort = new AbortController();
  const silent = await httpServer(() => abort.abort());
  expect(await serverAt(`http://127.0.0.1:${silent}`).exchange(request, abort.signal)).toMatchObject({ status: "aborted" });
});

test("keeps the beginning of an answer that breaks off, and says so", async () => {
  const port = await httpServer((_, response) => {
    response.writeHead(500, { "content-length": "100" }).write("half", () => response.destroy());
  });
  expect(await serverAt(`http://127.0.0.1:${port}`).exchange(request, never)).toMatchObject({
    type: "answered",
    answer: { status: 500, body: "half", isWhole: false },
  });
});
