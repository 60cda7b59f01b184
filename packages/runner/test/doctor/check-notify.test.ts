import { Secret } from "@statewave-connectors/connector-sdk";
import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { makeAuthority } from "@statewave-connectors/testing/servers";
import { expect, test } from "vitest";
import { checkNotify } from "../../src/doctor/check-notify.ts";
import { type Network, networkOf } from "../../src/network/network.ts";
import { closedPort, fileWith, proxyServer, tlsServer } from "../network/servers.ts";

const check = (url: string, network: Network, sends = false) => {
  const entry = { name: "ops", url: new Secret(url), format: "slack", events: ["sink_down"] } as const;
  const options = { network, clock: systemClock, logger: silentLogger, fetchImpl: undefined, sends };
  return checkNotify(entry, options, new AbortController().signal);
};
const plain = networkOf({}, {});

test("a server with an authority of its own is accepted with [runner.http] ca_file only, as messages are", async () => {
  const authority = await makeAuthority();
  const bodies: string[] = [];
  const port = await tlsServer(await authority.issue(["DNS:localhost", "IP:127.0.0.1"]), (request, response) => {
    request.setEncoding("utf8").on("data", (text: string) => void bodies.push(text));
    request.on("end", () => void response.end());
  });
  const network = networkOf({ caFile: fileWith(authority.certificate) }, {});
  for (const host of ["localhost", "127.0.0.1"]) {
    const url = `https://${host}:${port}/hook-secret`;
    expect(await check(url, network)).toMatchObject({ ok: true, message: expect.stringContaining("accepts connections") });
    expect(bodies).toEqual([]);
    expect(await check(url, network, true)).toMatchObject({ ok: true });
    expect(bodies.splice(0).join("")).toContain("This is a test of notices");
    for (const sends of [false, true]) {
      const refused = await check(url, plain, sends);
      expect(refused).toMatchObject({ ok: false, hint: expect.stringContaining("[runner.http]") });
      expect(refused.message).toMatch(/UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN/);
      expect(JSON.stringify(refused)).not.toMatch(/hook-secret|localhost|127\.0\.0\.1/);
    }
  }
});

test("a server that refuses connections is reported by the system's code, never by its address", async () => {
  const url = `http://127.0.0.1:${await closedPort()}/hook-secret`;
  expect((await check(url, plain)).message).toBe("its server cannot be reached: ECONNREFUSED");
  expect((await check(url, plain, true)).message).toBe(
    "the server did not accept a test message: the request failed (ECONNREFUSED)",
  );
});

test("behind a proxy only a test message is tried, through it", async () => {
  const proxy = await proxyServer();
  const authority = await makeAuthority();
  const port = await tlsServer(await authority.issue(["DNS:hooks.example"]), (_, response) => void response.end());
  const network = networkOf({ caFile: fileWith(authority.certificate) }, { HTTPS_PROXY: proxy.url });
  const url = `https://hooks.example:${port}/hook-secret`;
  expect((await check(url, network)).message).toContain(`through the proxy ${new URL(proxy.url).host}`);
  expect(proxy.requests).toEqual([]);
  expect(await check(url, network, true)).toMatchObject({ ok: true });
  expect(proxy.requests).toEqual([`CONNECT hooks.example:${port}`]);
});
