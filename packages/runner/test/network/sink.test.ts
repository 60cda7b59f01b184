import { request, type RequestListener } from "node:http";
import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { makeAuthority } from "@statewave-connectors/testing/servers";
import { expect, onTestFinished, test } from "vitest";
import { checkStatewave } from "../../src/doctor/check-statewave.ts";
import { openSink } from "../../src/sinks/open-sink.ts";
import { type Network, networkOf } from "../../src/network/network.ts";
import { makeEpisodes, outbound } from "../delivery/make-episode.ts";
import { closedPort, fileWith, proxyServer, tlsServer } from "./servers.ts";

const settings = (url: string, network: Network) => ({
  statewave: { url, tenantHeader: "X-Tenant-ID" },
  clock: systemClock,
  logger: silentLogger,
  network,
});

async function send(url: string, network: Network) {
  const sink = await openSink(settings(url, network));
  onTestFinished(async () => sink.close?.());
  return sink.send(makeEpisodes(2).map(outbound), new AbortController().signal);
}

const finding = (url: string, network: Network) => checkStatewave(settings(url, network), new AbortController().signal);

async function statewave() {
  const fake = await startFakeStatewave();
  onTestFinished(() => fake.close());
  return fake;
}

/** Statewave behind TLS. */
const forwardingTo = (url: string): RequestListener => {
  const { hostname, port } = new URL(url);
  return (incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const upstream = request({ host: hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(upstream);
  };
};

test("delivery to a plain Statewave goes through HTTP_PROXY, one behind NO_PROXY does not", async () => {
  const fake = await statewave();
  const proxy = await proxyServer();
  const env = { HTTP_PROXY: proxy.url };
  expect(await send(fake.url, networkOf({}, env))).toEqual({ type: "accepted" });
  expect(proxy.requests).toEqual([`POST ${fake.url}/v1/episodes/batch`]);
  expect(await send(fake.url, networkOf({}, { ...env, NO_PROXY: "127.0.0.0/8" }))).toEqual({ type: "accepted" });
  expect(proxy.requests).toHaveLength(1);
  expect(fake.episodes).toHaveLength(2);
});

test("delivery over TLS goes through a tunnel and trusts [runner.http] ca_file", async () => {
  const fake = await statewave();
  const authority = await makeAuthority();
  const port = await tlsServer(await authority.issue(["DNS:memory.example"]), forwardingTo(fake.url));
  const proxy = await proxyServer();
  const url = `https://memory.example:${port}`;
  const http = { caFile: fileWith(authority.certificate) };
  expect(await send(url, networkOf(http, { HTTPS_PROXY: proxy.url }))).toEqual({ type: "accepted" });
  expect(fake.episodes).toHaveLength(2);
  expect(proxy.requests).toEqual([`CONNECT memory.example:${port}`]);
  expect(await finding(url, networkOf({}, { HTTPS_PROXY: proxy.url }))).toMatchObject({
    ok: false,
    message: expect.stringMatching(/the certificate of memory.example:\d+, or of the proxy 127.0.0.1:\d+, is not accepted/),
    hint: expect.stringContaining("[runner.http] ca_file"),
  });
});

test("doctor names the unreachable proxy, and where it is set", async () => {
  const proxy = `127.0.0.1:${await closedPort()}`;
  expect(await finding("http://memory.example", networkOf({}, { HTTP_PROXY: proxy }))).toEqual({
    ok: false,
    message: `Statewave at http://memory.example cannot be reached: network: the proxy ${proxy} refuses the connection (ECONNREFUSED)`,
    hint: "check HTTP_PROXY, or list the host in NO_PROXY if it is reached without a proxy",
  });
});

test.each<[string, readonly string[], number, RegExp]>([
  ["of an unknown authority", ["IP:127.0.0.1"], 2, /\[runner.http\] ca_file/],
  ["for another name", ["DNS:other.example"], 2, /\[statewave\] url/],
  ["that has expired", ["IP:127.0.0.1"], 0, /period of the server's certificate/],
])("doctor says what to do about a certificate %s", async (what, names, days, hint) => {
  const authority = await makeAuthority();
  const port = await tlsServer(await authority.issue(names, days), (_request, response) => response.end());
  const caFile = what === "of an unknown authority" ? {} : { caFile: fileWith(authority.certificate) };
  expect(await finding(`https://127.0.0.1:${port}`, networkOf(caFile, {}))).toMatchObject({
    ok: false,
    hint: expect.stringMatching(hint),
  });
});
