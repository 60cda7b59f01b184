import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { connect as connectTcp, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isConnectorsError, Secret } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { freePort, hasRedisServer, makeSelfSigned, startRedisServer } from "@statewave-connectors/testing/servers";
import { Redis, ReplyError } from "ioredis";
import { describe, expect, onTestFinished, test } from "vitest";
import { connectRedis, isPassingAnswer, toRedisError } from "../src/index.ts";

test.each([
  ["LOADING Redis is loading the dataset in memory", "UNAVAILABLE", "loaded its data", true],
  ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", "UNAVAILABLE", "primary", true],
  ["READONLY You can't write against a read only replica.", "UNAVAILABLE", "primary", true],
  ["BUSY Redis is busy running a script.", "UNAVAILABLE", "SCRIPT KILL", true],
  ["CLUSTERDOWN Hash slot not served", "UNAVAILABLE", "cluster", true],
  ["ERR max number of clients reached", "UNAVAILABLE", "maxclients", true],
  ["ERR max number of clients + cluster connections reached", "UNAVAILABLE", "maxclients", true],
  [
    "MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist to disk.",
    "UNAVAILABLE",
    "log",
    true,
  ],
  ["NOAUTH Authentication required.", "ACCESS_DENIED", "password to the url", false],
  ["WRONGPASS invalid username-password pair or user is disabled.", "ACCESS_DENIED", "password in the url", false],
  ["ERR invalid password", "ACCESS_DENIED", "password in the url", false],
  ["NOPERM User me has no permissions to run the 'info' command", "ACCESS_DENIED", "rights", false],
  [
    "DENIED Redis is running in protected mode because protected mode is enabled",
    "ACCESS_DENIED",
    "password on the server",
    false,
  ],
  ["ERR DB index is out of range", "QUERY_FAILED", "/0", false],
  ["ERR SELECT is not allowed in cluster mode", "QUERY_FAILED", "/0", false],
  ["WRONGTYPE Operation against a key holding the wrong kind of value", "QUERY_FAILED", "key_prefix", false],
] as const)("%j is %s", (text, trouble, hint, isPassing) => {
  const error = toRedisError("STORE", new ReplyError(text));
  expect(error).toMatchObject({ code: `STORE_${trouble}`, hint: expect.stringContaining(hint) });
  expect(error.message).toContain(text);
  expect(isPassingAnswer(error)).toBe(isPassing);
});

async function refusal(url: string) {
  const options = { area: "STORE", url: new Secret(url), logger: silentLogger, answerWithinMs: 4_000 } as const;
  const client = await connectRedis(options).catch((thrown: unknown) => thrown);
  if (!isConnectorsError(client)) throw new Error("it was not refused");
  const { code, message, hint } = client;
  return { code, message, hint, isPassing: isPassingAnswer(client) };
}

/** A server that deals with each connection like this. */
async function listening(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  return `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

describe.skipIf(!hasRedisServer())("a Redis server that refuses the connection", () => {
  async function start(...flags: readonly string[]) {
    const server = await startRedisServer(flags);
    onTestFinished(() => server.stop());
    return server.url;
  }
  const changed = (url: string, changes: Partial<URL>) => Object.assign(new URL(url), changes).href;

  test("because maxclients is reached is quoted, although it closes at once", async () => {
    const url = await start("--maxclients", "1");
    const held = connectTcp(Number(new URL(url).port), "127.0.0.1");
    onTestFinished(() => void held.destroy());
    // The look whether it runs may still hold the one connection.
    await expect
      .poll(async () => {
        held.write("PING\r\n");
        return (await refusal(url).catch(() => undefined))?.message;
      })
      .toBe("Redis is not available: ERR max number of clients reached");
    expect(await refusal(url)).toMatchObject({ code: "STORE_UNAVAILABLE", isPassing: true });
  });

  test("because its primary is unreachable is quoted", async () => {
    const url = await start("--replicaof", "127.0.0.1 9", "--replica-serve-stale-data", "no");
    expect(await refusal(url)).toMatchObject({ code: "STORE_UNAVAILABLE", message: expect.stringContaining("MASTERDOWN") });
  });

  test("for its password, its user or its database is quoted", async () => {
    const url = await start("--requirepass", "right");
    expect(await refusal(url)).toMatchObject({ code: "STORE_ACCESS_DENIED", message: expect.stringContaining("NOAUTH") });
    const wrong = [changed(url, { password: "wrong" }), changed(url, { username: "nobody", password: "right" })];
    for (const each of wrong)
      expect(await refusal(each)).toMatchObject({ code: "STORE_ACCESS_DENIED", message: expect.stringContaining("WRONGPASS") });
    expect(await refusal(changed(url, { password: "right", pathname: "/99" }))).toMatchObject({
      code: "STORE_QUERY_FAILED",
      message: expect.stringContaining("DB index is out of range"),
    });
  });

  test("because one side speaks TLS and the other does not says which to change", async () => {
    const folder = mkdtempSync(join(tmpdir(), "redis-tls-"));
    const { cert, key } = await makeSelfSigned(["DNS:localhost", "IP:127.0.0.1"]);
    const [certFile, keyFile] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key);
    const port = String(await freePort());
    const plain = await start("--tls-cert-file", certFile, "--tls-key-file", keyFile, "--tls-ca-cert-file", certFile);
    const admin = new Redis(plain);
    onTestFinished(() => admin.disconnect());
    await admin.config("SET", "tls-port", port);
    expect(await refusal(`rediss://127.0.0.1:${port}`)).toMatchObject({
      code: "STORE_TLS_FAILED",
      message: "no TLS connection to Redis: self-signed certificate",
      hint: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
    });
    expect(await refusal(`redis://127.0.0.1:${port}`)).toMatchObject({
      code: "STORE_TLS_FAILED",
      hint: expect.stringContaining("use rediss://"),
    });
    expect(await refusal(plain.replace("redis:", "rediss:"))).toMatchObject({
      code: "STORE_TLS_FAILED",
      hint: expect.stringContaining("use redis://"),
    });
  });
});

describe("a server that is none", () => {
  test("or closes at once is unavailable", async () => {
    const address = await listening(createServer((socket) => socket.destroy()));
    expect(await refusal(`redis://${address}`)).toMatchObject({ code: "STORE_UNAVAILABLE", isPassing: false });
  });

  test("of a host that does not exist is a matter of the host", async () => {
    expect(await refusal("redis://no-such-host.invalid")).toMatchObject({
      code: "STORE_UNAVAILABLE",
      hint: expect.stringContaining("host in the url"),
    });
  });
});
