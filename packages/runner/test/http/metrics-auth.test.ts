import { request as httpRequest } from "node:http";
import { describe, expect, test } from "vitest";
import type { MetricsAuth } from "@statewave-connectors/config/result";
import { Secret } from "@statewave-connectors/connector-sdk";
import { isAuthorized, unauthorized } from "../../src/http/metrics-auth.ts";
import { only, startServer } from "./start-server.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const bearer: MetricsAuth = { kind: "bearer", token: new Secret("s3cret-token") };
const basic: MetricsAuth = { kind: "basic", username: "prometheus", password: new Secret("pä:ss") };

const opens: [string, MetricsAuth, string | undefined][] = [
  ["none, without a header", { kind: "none" }, undefined],
  ["none, with any header", { kind: "none" }, "Bearer whatever"],
  ["bearer with its token", bearer, "Bearer s3cret-token"],
  ["bearer in lower case", bearer, "bearer s3cret-token"],
  ["bearer in upper case with more spaces", bearer, "BEARER   s3cret-token"],
  ["basic with its name and password", basic, `Basic ${base64("prometheus:pä:ss")}`],
  ["basic in lower case", basic, `basic ${base64("prometheus:pä:ss")}`],
];

const staysShut: [string, MetricsAuth, string | undefined][] = [
  ["bearer without a header", bearer, undefined],
  ["bearer with an empty header", bearer, ""],
  ["bearer without a token", bearer, "Bearer "],
  ["bearer with a prefix of the token", bearer, "Bearer s3cret-toke"],
  ["bearer with more than the token", bearer, "Bearer s3cret-token2"],
  ["bearer with the token in another case", bearer, "Bearer S3CRET-TOKEN"],
  ["bearer with the token alone", bearer, "s3cret-token"],
  ["bearer with basic credentials", bearer, `Basic ${base64("s3cret-token")}`],
  ["bearer with an empty token configured", { kind: "bearer", token: new Secret("") }, "Bearer x"],
  ["basic without a header", basic, undefined],
  ["basic with another password", basic, `Basic ${base64("prometheus:pass")}`],
  ["basic with another name", basic, `Basic ${base64("grafana:pä:ss")}`],
  ["basic without a colon", basic, `Basic ${base64("prometheus")}`],
  ["basic with malformed base64", basic, "Basic %%%=not-base64"],
  ["basic with bytes that are no UTF-8", basic, `Basic ${Buffer.from([0xff, 0xfe, 0x3a, 0x00]).toString("base64")}`],
  ["basic with bearer credentials", basic, `Bearer ${base64("prometheus:pä:ss")}`],
  ["basic with nothing configured", { kind: "basic", username: "", password: new Secret("") }, `Basic ${base64(":")}`],
];

test.each(opens)("opens for %s", (_title, auth, header) => {
  expect(isAuthorized(auth, header)).toBe(true);
});

test.each(staysShut)("stays shut for %s", (_title, auth, header) => {
  expect(isAuthorized(auth, header)).toBe(false);
});

describe("the 401", () => {
  test("is the same whichever kind of auth is configured", async () => {
    const answers = [];
    for (const auth of [bearer, basic]) {
      const { port } = await startServer({ metrics: { auth } });
      const response = await fetch(`http://127.0.0.1:${port}/metrics`);
      const headers = Object.fromEntries(response.headers);
      delete headers["date"];
      answers.push({ status: response.status, headers, body: await response.text() });
    }
    expect(answers[0]).toMatchObject({ status: 401, headers: { "www-authenticate": 'Basic realm="metrics", Bearer' } });
    expect(answers[1]).toEqual(answers[0]);
    expect(unauthorized.body).not.toMatch(/bearer|basic/i);
  });

  test("comes without asking for the exposition", async () => {
    const slices = () => only(Promise.reject(new Error("must not be called")));
    const { port, logged } = await startServer({ metrics: { auth: bearer, slices } });
    expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(401);
    expect(logged).toEqual([]);
  });
});

describe("a sender who guesses the credentials", () => {
  const guess = async (port: number, path: string, authorization: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization } });
    await response.body?.cancel();
    return response;
  };

  test("waits after five wrong ones, while the rest of the port answers", async () => {
    const { port, clock } = await startServer({ metrics: { auth: bearer } });
    for (let attempt = 0; attempt < 5; attempt += 1)
      expect((await guess(port, "/metrics", `Bearer guess-${attempt}`)).status).toBe(401);
    const early = await guess(port, "/metrics", "Bearer s3cret-token");
    expect([early.status, early.headers.get("retry-after")]).toEqual([429, "1"]);
    expect((await guess(port, "/healthz", "Bearer s3cret-token")).status).toBe(200);
    await clock.advance(1_000);
    expect((await guess(port, "/metrics", "Bearer s3cret-token")).status).toBe(200);
  });

  test("learns nothing about the kind of auth from the wait", async () => {
    const { port } = await startServer({ metrics: { auth: bearer } });
    for (let attempt = 0; attempt < 5; attempt += 1) await guess(port, "/metrics", `Basic ${base64(`prometheus:${attempt}`)}`);
    expect((await guess(port, "/metrics", `Basic ${base64("prometheus:5")}`)).status).toBe(429);
  });

  test("is not one who repeats an outdated token, and not one who sends none", async () => {
    const { port } = await startServer({ metrics: { auth: basic } });
    for (let attempt = 0; attempt < 10; attempt += 1) {
      expect((await guess(port, "/metrics", "Bearer outdated")).status).toBe(401);
      expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(401);
    }
    expect((await guess(port, "/metrics", `Basic ${base64("prometheus:pä:ss")}`)).status).toBe(200);
  });

  // Elsewhere the machine has one address of its own only.
  test.skipIf(process.platform !== "linux")("at one address holds up no scraper at another", async () => {
    const { port } = await startServer({ host: "0.0.0.0", metrics: { auth: bearer } });
    const from = (localAddress: string, token: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = { authorization: `Bearer ${token}` };
        const options = { host: "127.0.0.1", port, path: "/metrics", localAddress, headers, agent: false };
        const outgoing = httpRequest(options, (incoming) => resolve(incoming.resume().statusCode));
        outgoing.once("error", reject).end();
      });
    for (let attempt = 0; attempt < 6; attempt += 1) await from("127.0.0.2", `guess-${attempt}`);
    expect(await from("127.0.0.2", "s3cret-token")).toBe(429);
    expect(await from("127.0.0.3", "s3cret-token")).toBe(200);
  });
});
