import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { type FakeProvider, fakeProvider, type FakeProviderOptions, type ProviderFault } from "../../src/fake-provider/index.ts";
import { provider } from "./notes.ts";

let fake: FakeProvider | undefined;

async function start(options: Partial<FakeProviderOptions> = {}): Promise<FakeProvider> {
  fake = await fakeProvider({ ...provider, ...options });
  return fake;
}

afterEach(async () => {
  await fake?.close();
  fake = undefined;
});

const authorization = "Bearer fake-token";

interface Sent extends RequestInit {
  readonly headers?: Readonly<Record<string, string>>;
}

function request(path: string, init: Sent = {}): Promise<Response> {
  return fetch(`${fake?.url}${path}`, { redirect: "manual", ...init, headers: { authorization, ...init.headers } });
}

test("answers what its routes declare", async () => {
  await start();
  expect(await (await request("/notes?limit=2&after=3&order=asc")).json()).toEqual({ notes: [{ id: 4 }, { id: 5 }], more: true });
  expect(await (await request("/notes/a%2Fb")).json()).toEqual({ id: "a/b" });
  expect(await (await fetch(`${fake?.url}/health`)).text()).toBe("well");
  const body = new URLSearchParams({ text: "hi" });
  expect(await (await request("/notes", { method: "POST", body })).json()).toMatchObject({ text: "hi" });
  expect(fake?.refused).toEqual([]);
});

test.each([
  ["a path that it does not have", "/other", {}, 404],
  ["a method that the path does not take", "/notes/7", { method: "DELETE" }, 405],
  ["a parameter that is not declared", "/notes?limit=1&page=2", {}, 400],
  ["a parameter that is given twice", "/notes?limit=1&limit=2", {}, 400],
  ["a parameter that is missing", "/notes", {}, 400],
  ["a number that is too large", "/notes?limit=11", {}, 400],
  ["a number that is none", "/notes?limit=1&after=1e3", {}, 400],
  ["a word that is not one of its own", "/notes?limit=1&order=up", {}, 400],
  ["a body without a field", "/notes", { method: "POST", body: "{}", headers: { "content-type": "application/json" } }, 400],
  ["a body that is not JSON", "/notes", { method: "POST", body: "{", headers: { "content-type": "application/json" } }, 400],
  ["a body of another type", "/notes", { method: "POST", body: "text=1", headers: { "content-type": "text/csv" } }, 415],
])("answers %s as a strict provider does", async (_, path, init, status) => {
  await start();
  const response = await request(path, init);
  expect(response.status).toBe(status);
  expect(fake?.refused).toHaveLength(1);
});

test("answers 500 with what a route threw, and lists it", async () => {
  const answer = () => Promise.reject(new TypeError("Invalid URL"));
  await start({ routes: { "GET /broken": { answer } } });
  const response = await request("/broken");
  const thrown = 'the answer of "GET /broken" threw TypeError: Invalid URL';
  expect([response.status, await response.json()]).toEqual([500, { error: thrown }]);
  expect(fake?.refused).toEqual([`GET /broken: ${thrown}`]);
});

test("refuses wrong and missing credentials, and does not count that as a mistake of the request", async () => {
  await start({ token: "t0k3n" });
  expect((await request("/notes?limit=1")).status).toBe(401);
  expect((await request("/notes?limit=1", { headers: { authorization: "Bearer t0k3n" } })).status).toBe(200);
  expect(fake?.refused).toEqual([]);
});

async function withFault(fault: ProviderFault, path = "/notes?limit=2"): Promise<Response> {
  await start({ faults: [fault] });
  return await request(path);
}

test("answers a status with its headers", async () => {
  const response = await withFault({ type: "status", status: 503, headers: { "retry-after": "7" } });
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "7"]);
});

test("cuts the connection before an answer, and in the middle of one", async () => {
  await expect(withFault({ type: "reset" })).rejects.toThrow("fetch failed");
  await fake?.close();
  const response = await withFault({ type: "cut" });
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow("terminated");
});

test("never answers, and counts the requests that wait for an answer", async () => {
  const abort = new AbortController();
  await start({ faults: [{ type: "hang" }] });
  const pending = request("/notes?limit=2", { signal: abort.signal });
  await expect.poll(() => fake?.stats().hanging).toBe(1);
  abort.abort();
  await expect(pending).rejects.toThrow("aborted");
  await expect.poll(() => fake?.stats()).toMatchObject({ hanging: 0, routes: { "GET /notes": 1 } });
});

test("sends a body byte after byte", async () => {
  const response = await withFault({ type: "slow_body", byteMs: 1 }, "/notes/7");
  const chunks: number[] = [];
  for await (const chunk of response.body ?? []) chunks.push(chunk.length);
  expect(chunks.length).toBeGreaterThan(3);
});

test("sends little that unpacks to much", async () => {
  const response = await withFault({ type: "gzip_bomb", mebibytes: 64 });
  let size = 0;
  for await (const chunk of response.body ?? []) size += chunk.length;
  expect(response.headers.get("content-encoding")).toBe("gzip");
  expect(size).toBe(64 * 1024 * 1024 + 2);
});

test("answers a web page, and redirects to the same path elsewhere", async () => {
  expect((await withFault({ type: "html" })).headers.get("content-type")).toContain("text/html");
  await fake?.close();
  const response = await withFault({ type: "redirect", to: "https://elsewhere.invalid", status: 307 });
  expect([response.status, response.headers.get("location")]).toEqual([307, "https://elsewhere.invalid/notes?limit=2"]);
});

test("repeats a page, and claims that there is more", async () => {
  await start();
  await request("/notes?limit=2");
  fake?.setFaults([{ type: "repeat" }, { type: "set", values: { more: true, "meta.next": null } }]);
  const page = await (await request("/notes?limit=2&after=24")).json();
  expect(page).toEqual({ notes: [{ id: 1 }, { id: 2 }], more: true, meta: { next: null } });
});

test("has a clock in the future", async () => {
  const nowMs = Date.UTC(2026, 0, 1);
  await start({ now: () => nowMs, faults: [{ type: "clock", aheadMs: 86_400_000 }] });
  const response = await request("/notes", { method: "POST", body: new URLSearchParams({ text: "hi" }) });
  expect(Date.parse(response.headers.get("date") ?? "")).toBe(nowMs + 86_400_000);
  expect(await response.json()).toMatchObject({ nowMs: nowMs + 86_400_000 });
});

test("meets only the requests that a fault is for", async () => {
  await start({ faults: [{ type: "status", status: 500, on: "GET /notes", after: 1, times: 2 }] });
  const statuses: number[] = [];
  for (const path of ["/notes?limit=1", "/notes?limit=1", "/notes/7", "/notes?limit=1", "/notes?limit=1"]) {
    statuses.push((await request(path)).status);
  }
  expect(statuses).toEqual([200, 500, 200, 500, 200]);
});

test("limits requests, and says so in the headers that providers send", async () => {
  let nowMs = Date.UTC(2026, 0, 1);
  await start({ now: () => nowMs, limit: { requests: 2, windowMs: 3_600_000 }, timeScale: 60 });
  const limited: (string | null)[][] = [];
  for (let n = 0; n < 3; n += 1) {
    const { status, headers } = await request("/notes?limit=1");
    limited.push([String(status), headers.get("x-ratelimit-remaining"), headers.get("retry-after")]);
  }
  expect(limited).toEqual([
    ["200", "1", null],
    ["200", "0", null],
    ["429", "0", "60"],
  ]);
  nowMs += 60_000;
  expect((await request("/notes?limit=1")).status).toBe(200);
});

test("logs each request without its credentials", async () => {
  const logged: unknown[] = [];
  await start({ log: (entry) => logged.push(entry), faults: [{ type: "html", times: 1 }] });
  await (await request("/notes?limit=1")).text();
  await (await request("/other")).text();
  await expect
    .poll(() => logged)
    .toEqual([
      { method: "GET", path: "/notes?limit=1", route: "GET /notes", status: 200, faults: ["html"] },
      { method: "GET", path: "/other", route: undefined, status: 404, faults: [] },
    ]);
});

test("runs as a process without vitest, and is controlled from another one", async () => {
  const main = fileURLToPath(new URL("../../src/fake-provider/main.ts", import.meta.url));
  const routes = fileURLToPath(new URL("notes.ts", import.meta.url));
  const args = ["--conditions=@statewave-connectors/source", main, "--routes", routes, "--token", "other", "--until-stdin-ends"];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  try {
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    const { url, token } = JSON.parse(line) as { url: string; token: string };
    const headers = { authorization: `Bearer ${token}` };
    const faults = JSON.stringify([{ type: "status", status: 502 }]);
    const json = { "content-type": "application/json" };
    expect((await fetch(`${url}/__fake__/faults`, { method: "PUT", body: faults, headers: json })).status).toBe(204);
    expect((await fetch(`${url}/notes?limit=1`, { headers })).status).toBe(502);
    await expect
      .poll(async () => await (await fetch(`${url}/__fake__/stats`)).json())
      .toEqual({ requests: 1, routes: { "GET /notes": 1 }, hanging: 0, answers: { "502": 1 }, refused: [] });
  } finally {
    const ended = once(child, "exit");
    child.stdin.end();
    await ended;
  }
});
