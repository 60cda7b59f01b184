import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { Secret } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { freePort, hasRedisServer, makeAuthority, startRedisServer } from "@statewave-connectors/testing/servers";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { connectRedis, serverCertificateExpiresAtMs } from "../src/index.ts";
import { readCertificate } from "../src/watch-certificate.ts";

const options = { area: "STORE", logger: silentLogger, answerWithinMs: 4_000 } as const;

test.skipIf(!hasRedisServer())(
  "shows when the certificate of the server expires, by its connection and by a fresh look",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "redis-certificate-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const write = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const authority = await makeAuthority();
    const issue = async (days: number) => {
      const { cert, key } = await authority.issue(["IP:127.0.0.1"], days);
      const files = { certFile: write(`${days}.cert`, cert), keyFile: write(`${days}.key`, key) };
      return { ...files, expiresAtMs: Date.parse(new X509Certificate(cert).validTo) };
    };
    const [first, renewed] = [await issue(2), await issue(9)];
    const port = await freePort();
    const flags = ["--tls-cert-file", first.certFile, "--tls-key-file", first.keyFile, "--tls-auth-clients", "no"];
    const server = await startRedisServer([...flags, "--tls-ca-cert-file", write("authority", authority.certificate)]);
    onTestFinished(() => server.stop());
    const admin = new Redis(server.url);
    onTestFinished(() => admin.disconnect());
    await admin.config("SET", "tls-port", String(port));
    const trusted = getCACertificates("default");
    setDefaultCACertificates([...trusted, authority.certificate]);
    onTestFinished(() => setDefaultCACertificates(trusted));

    const client = await connectRedis({ ...options, url: new Secret(`rediss://127.0.0.1:${port}`) });
    onTestFinished(() => client.disconnect());
    expect(serverCertificateExpiresAtMs(client)).toBe(first.expiresAtMs);
    await admin.call("CONFIG", "SET", "tls-cert-file", renewed.certFile, "tls-key-file", renewed.keyFile);
    expect(await readCertificate({ host: "127.0.0.1", port })).toBe(renewed.expiresAtMs);
    expect(await readCertificate({ host: "127.0.0.1", port: await freePort() })).toBeUndefined();

    const plain = await connectRedis({ ...options, url: new Secret(server.url) });
    onTestFinished(() => plain.disconnect());
    expect(serverCertificateExpiresAtMs(plain)).toBeUndefined();
  },
);
