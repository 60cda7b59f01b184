import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { type ConnectorsConfig, parseConfig } from "@statewave-connectors/config";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { type FakeStatewave, type FakeStatewaveOptions, startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { describe, expect, type TestContext, test } from "vitest";
import { askStatewave, type Question } from "../../src/tools.ts";
import { notes } from "../notes-connector.ts";

const signal = new AbortController().signal;

interface Settings {
  readonly statewave?: object;
  /** Of the entries. */
  readonly subjects?: readonly string[];
}

async function configOf(url: string, { statewave = {}, subjects = [] }: Settings = {}): Promise<ConnectorsConfig> {
  const entries = subjects.map((subject, index) => ({ name: `notes-${index}`, schedule: "every 1h", subject }));
  const input = { statewave: { url, ...statewave }, pull: { notes: entries } };
  return (await parseConfig(input, { connectors: [notes] })).config;
}

async function startServer({ onTestFinished }: TestContext, options: FakeStatewaveOptions = {}): Promise<FakeStatewave> {
  const server = await startFakeStatewave(options);
  onTestFinished(() => server.close());
  return server;
}

/** An HTTP server of another kind. */
async function serve({ onTestFinished }: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function store(server: FakeStatewave, subject: string, texts: readonly string[], headers: Record<string, string> = {}) {
  const episodes = texts.map((text, index) => ({
    subject_id: subject,
    source: "note",
    type: "note.written",
    payload: { text, event_time: "2026-01-01T00:00:00Z" },
    occurred_at: "2026-01-01T00:00:00Z",
    idempotency_key: `${subject}-${index}-${text.length}`,
  }));
  const response = await fetch(`${server.url}/v1/episodes/batch`, post({ episodes }, headers));
  expect(response.status).toBe(201);
}

async function compile(server: FakeStatewave, subject: string) {
  const response = await fetch(`${server.url}/v1/memories/compile`, post({ subject_id: subject }));
  expect(response.status).toBe(200);
}

function post(body: object, headers: Record<string, string> = {}): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}

const question: Question = { subject: "repo:acme/widgets", text: "Why did the import fail?", budgetTokens: 500 };
const sent = "repo:acme.widgets";

function ask(config: ConnectorsConfig, changed: Partial<Question> = {}) {
  return askStatewave({ config }, { ...question, ...changed }, signal);
}

describe("the finding", () => {
  test("is `answered` when a memory is in the context, which is the server's text and counts", async (t) => {
    const server = await startServer(t);
    await store(server, sent, ["The import failed because the disk was full"]);
    await compile(server, sent);
    await store(server, sent, ["A dog walks by"]);
    const answer = await ask(await configOf(server.url));
    expect(answer).toMatchObject({
      subject: sent,
      finding: "answered",
      parts: { facts: 0, summaries: 1, procedures: 0, episodes: 1 },
    });
    expect(answer.text).toContain("## Recent history\n- [2026-01-01] The import failed because the disk was full");
    expect(answer.text).toContain("- [note/note.written] A dog walks by");
    expect(answer.tokens).toBe(Math.ceil(answer.text.length / 4));
  });

  test("is `not_compiled` when only episodes are there", async (t) => {
    const server = await startServer(t);
    await store(server, sent, ["The import failed because the disk was full"]);
    expect(await ask(await configOf(server.url))).toMatchObject({ finding: "not_compiled", parts: { episodes: 1 } });
  });

  test("is `budget_too_small` when a memory is there, and only episodes or nothing fit", async (t) => {
    const server = await startServer(t);
    await store(server, sent, ["The import failed ".repeat(20)]);
    await compile(server, sent);
    const config = await configOf(server.url);
    expect(await ask(config, { budgetTokens: 40 })).toMatchObject({ finding: "budget_too_small", parts: { episodes: 0 } });
    await store(server, sent, ["Short"]);
    expect(await ask(config, { budgetTokens: 40 })).toMatchObject({ finding: "budget_too_small", parts: { episodes: 1 } });
    expect(await ask(config, { budgetTokens: 500 })).toMatchObject({ finding: "answered" });
  });

  test("is `nothing_stored` with the subjects that the server has", async (t) => {
    const server = await startServer(t);
    await store(server, "team:T1", ["Hello"]);
    expect(await ask(await configOf(server.url))).toMatchObject({ finding: "nothing_stored", storedSubjects: ["team:T1"] });
  });
});

describe("the subject", () => {
  test("is the one that all entries name, as Statewave knows it", async (t) => {
    const server = await startServer(t);
    await store(server, "docs:handbook.v2", ["All about holidays"]);
    await store(server, "team:T1", ["Hello"]);
    const config = await configOf(server.url, { subjects: ["docs:handbook/v2", "docs:handbook/v2"] });
    expect(await ask(config, { subject: undefined })).toMatchObject({ subject: "docs:handbook.v2", finding: "not_compiled" });
  });

  test("is the only one that the server has", async (t) => {
    const server = await startServer(t);
    await store(server, "team:T1", ["Hello"]);
    expect(await ask(await configOf(server.url), { subject: undefined })).toMatchObject({ subject: "team:T1" });
  });

  test("must be named when there are several, which the hint lists", async (t) => {
    const server = await startServer(t);
    for (let number = 1; number <= 9; number += 1) await store(server, `team:T${number}`, ["Hello"]);
    await expect(ask(await configOf(server.url), { subject: undefined })).rejects.toMatchObject({
      code: "RUNNER_SUBJECT_NEEDED",
      message: "no subject is named, and there are 9",
      hint: "name one before the question: team:T1, team:T2, team:T3, team:T4, team:T5, team:T6, team:T7, team:T8, …",
    });
  });

  test("must be named when the server has none or lists none", async (t) => {
    const server = await startServer(t);
    const other = await serve(t, (_request, response) => response.writeHead(404).end("{}"));
    for (const url of [server.url, other]) {
      await expect(ask(await configOf(url), { subject: undefined })).rejects.toMatchObject({
        code: "RUNNER_SUBJECT_NEEDED",
        hint: "name one before the question, such as repo:acme/widgets",
      });
    }
  });

  test("is not looked for with a wrong key: that is the error", async (t) => {
    const server = await startServer(t, { apiKey: "right" });
    await expect(ask(await configOf(server.url), { subject: undefined })).rejects.toMatchObject({ code: "SINK_STOPPED" });
  });
});

describe("the server", () => {
  test("gets the key and the tenant in the header of the file", async (t) => {
    const server = await startServer(t, { apiKey: "right", tenantHeader: "X-Org", requireTenant: true });
    await store(server, sent, ["For acme"], { "x-api-key": "right", "x-org": "acme" });
    await store(server, sent, ["For others"], { "x-api-key": "right", "x-org": "others" });
    const statewave = { api_key: "right", tenant_id: "acme", tenant_header: "X-Org" };
    const { text } = await ask(await configOf(server.url, { statewave }));
    expect(text).toContain("For acme");
    expect(text).not.toContain("For others");
  });

  test.for([
    ["no key", {}, "SINK_STOPPED", /401 missing_api_key/, /set \[statewave\] api_key/],
    ["a wrong key", { api_key: "wrong" }, "SINK_STOPPED", /403 invalid_api_key/, /check \[statewave\] api_key/],
    ["no tenant", { api_key: "right" }, "SINK_STOPPED", /400 missing_tenant/, /tenant_id/],
  ] as const)("refuses %s", async ([, statewave, code, message, hint], t) => {
    const server = await startServer(t, { apiKey: "right", requireTenant: true });
    await expect(ask(await configOf(server.url, { statewave }))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });

  test.for<[string, RequestListener, string, RegExp]>([
    ["404", (_, response) => response.writeHead(404).end("no"), "SINK_STOPPED", /404/],
    ["a redirect", (_, response) => response.writeHead(302, { location: "/login" }).end(), "SINK_STOPPED", /302/],
    [
      "500",
      (_, response) => response.writeHead(500).end('{"error":{"code":"internal_error"}}'),
      "SINK_ASK_FAILED",
      /500 internal/,
    ],
    ["503", (_, response) => response.writeHead(503).end("down"), "SINK_ASK_FAILED", /503/],
    ["422", (_, response) => response.writeHead(422).end('{"error":{"code":"validation_error"}}'), "SINK_ASK_FAILED", /422/],
    ["429", (_, response) => response.writeHead(429, { "retry-after": "7" }).end(), "SINK_ASK_FAILED", /request limit/],
    ["a web page", (_, response) => response.writeHead(200).end("<html>"), "SINK_NOT_STATEWAVE", /200 without a context/],
    ["other JSON", (_, response) => response.writeHead(200).end('{"assembled_context": 3}'), "SINK_NOT_STATEWAVE", /context/],
    [
      "half an answer",
      (_, response) => {
        response.writeHead(200, { "content-length": 100 });
        response.write('{"assembled_context": "', () => response.destroy());
      },
      "SINK_ASK_FAILED",
      /broke off/,
    ],
    ["nothing", (request) => request.destroy(), "SINK_UNREACHABLE", /cannot be reached/],
  ])("that answers %s ends in an error that names it", async ([, listener, code, message], t) => {
    const url = await serve(t, listener);
    await expect(ask(await configOf(url))).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test("that never answers is given up after 60 s", async (t) => {
    const clock = new FakeClock();
    const requested = Promise.withResolvers<void>();
    const url = await serve(t, () => requested.resolve());
    const [outcome] = await Promise.allSettled([
      askStatewave({ config: await configOf(url), clock }, question, signal),
      requested.promise.then(() => clock.advance(60_000)),
    ]);
    const reason = { code: "SINK_UNREACHABLE", message: expect.stringContaining("60 s") };
    expect(outcome).toMatchObject({ status: "rejected", reason });
  });

  test("says nothing in an error of what it echoed", async (t) => {
    const url = await serve(t, (_, response) => response.writeHead(500).end('{"error":{"code":"x y", "message":"my question"}}'));
    await expect(ask(await configOf(url))).rejects.not.toThrow(/my question/);
  });

  test.for(["stdout:", "file:/tmp/episodes.jsonl"])("is needed: %s answers no questions", async (url) => {
    await expect(ask(await configOf(url))).rejects.toMatchObject({
      code: "SINK_HAS_NO_MEMORY",
      message: expect.stringContaining(url),
      hint: expect.stringContaining("http://localhost:8100"),
    });
  });
});
