import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";
import { type FakeStatewave, type FakeStatewaveOptions, type Fault, startFakeStatewave } from "../../src/fake-statewave/index.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function start(options: FakeStatewaveOptions = {}): Promise<FakeStatewave> {
  const fake = await startFakeStatewave(options);
  closers.push(() => fake.close());
  return fake;
}

interface Reply {
  readonly status: number;
  readonly requestId: string | null;
  readonly body: {
    readonly error?: {
      readonly code: string;
      readonly request_id?: string;
      readonly details?: readonly Readonly<Record<string, unknown>>[];
    };
    readonly episodes?: readonly Readonly<Record<string, unknown>>[];
    readonly episodes_created?: number;
  };
}

async function post(
  fake: Pick<FakeStatewave, "url">,
  body: unknown,
  headers: Record<string, string> = {},
  path = "/batch",
): Promise<Reply> {
  const response = await fetch(`${fake.url}/v1/episodes${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  const parsed: unknown = text.startsWith("{") ? JSON.parse(text) : {};
  return { status: response.status, requestId: response.headers.get("x-request-id"), body: parsed as Reply["body"] };
}

const item = (changes: Record<string, unknown> = {}) => ({
  subject_id: "repo:acme.widgets",
  source: "github.issue",
  type: "github.issue.opened",
  payload: { text: "hello" },
  ...changes,
});

describe("the fake's validation", () => {
  const issue = (field: string, type: string, index = 0) => ({ type, loc: ["body", "episodes", index, field] });
  it.each<[string, Record<string, unknown>, string, string]>([
    ["no subject", { subject_id: undefined }, "subject_id", "missing"],
    ["a slash in the subject", { subject_id: "repo:a/b" }, "subject_id", "string_pattern_mismatch"],
    ["an @ in the subject", { subject_id: "contact:a@b" }, "subject_id", "string_pattern_mismatch"],
    ["a newline behind the subject", { subject_id: "repo:a\n" }, "subject_id", "string_pattern_mismatch"],
    ["an empty subject", { subject_id: "" }, "subject_id", "string_too_short"],
    ["257 characters of subject", { subject_id: "s".repeat(257) }, "subject_id", "string_too_long"],
    ["a source that is an object", { source: { type: "t" } }, "source", "string_type"],
    ["257 characters of source", { source: "s".repeat(257) }, "source", "string_too_long"],
    ["129 characters of type", { type: "t".repeat(129) }, "type", "string_too_long"],
    ["a payload that is a string", { payload: "text" }, "payload", "dict_type"],
    ["no payload", { payload: undefined }, "payload", "missing"],
    ["metadata that is null", { metadata: null }, "metadata", "dict_type"],
    ["provenance that is a list", { provenance: [] }, "provenance", "dict_type"],
    ["a space in the session", { session_id: "a b" }, "session_id", "string_pattern_mismatch"],
    ["a time that is none", { occurred_at: "yesterday" }, "occurred_at", "datetime_from_date_parsing"],
    ["the 30th of February", { occurred_at: "2026-02-30T00:00:00Z" }, "occurred_at", "datetime_from_date_parsing"],
    ["a key that is a number", { idempotency_key: 7 }, "idempotency_key", "string_type"],
    ["a key of 513 characters", { idempotency_key: "k".repeat(513) }, "idempotency_key", "string_too_long"],
  ])("refuses %s, naming the item, and stores nothing of the batch", async (_, changes, field, type) => {
    const fake = await start();
    const { status, body } = await post(fake, { episodes: [item(), item(changes)] });
    expect(status).toBe(422);
    expect(body.error).toMatchObject({ code: "validation_error", details: [issue(field, type, 1)] });
    expect(fake.stats().stored).toBe(0);
  });

  it("accepts every field at its limit, and drops unknown ones", async () => {
    const fake = await start();
    const full = item({
      subject_id: "a-Z_0.9:x",
      source: "😀".repeat(256),
      session_id: null,
      occurred_at: "2026-01-02T03:04:05.123456+02:00",
      idempotency_key: "k".repeat(512),
      unknown: 1,
    });
    const { status, body } = await post(fake, { episodes: [full] });
    expect(status).toBe(201);
    expect(body.episodes?.[0]).not.toHaveProperty("unknown");
    expect(body.episodes?.[0]).not.toHaveProperty("idempotency_key");
  });

  it.each([0, 101])("refuses a batch of %i", async (count) => {
    const fake = await start();
    const { status, body } = await post(fake, { episodes: Array.from({ length: count }, () => item()) });
    expect(status).toBe(422);
    expect(body.error?.details?.[0]?.["loc"]).toEqual(["body", "episodes"]);
  });

  it.each(["", "{", "[]", "null", '{"episodes":{}}', "{}"])("refuses the body %j", async (body) => {
    expect((await post(await start(), body)).status).toBe(422);
  });

  it.each([
    ["NUL in a text", { payload: { text: "a\0" } }],
    ["a lone surrogate in a key of metadata", { metadata: { "\ud800": 1 } }],
    ["a number for metadata.idempotency_key", { metadata: { idempotency_key: 7 } }],
  ])("answers 500 to %s, as a database that throws does, and stores nothing of the batch", async (_, changes) => {
    const fake = await start();
    const { status, body } = await post(fake, { episodes: [item({ idempotency_key: "fine" }), item(changes)] });
    expect([status, body.error?.code]).toEqual([500, "internal_error"]);
    expect(fake.stats().stored).toBe(0);
  });
});

describe("the fake's deduplication", () => {
  const keyed = (key: string, text: string, subject = "repo:a") =>
    item({ subject_id: subject, idempotency_key: key, payload: { text } });

  it("returns the first row again, at its place, with its id and created_at, and counts it as created", async () => {
    let now = Date.UTC(2026, 0, 1);
    const fake = await start({ now: () => now });
    const first = await post(fake, { episodes: [keyed("k", "first")] });
    now += 60_000;
    const second = await post(fake, { episodes: [keyed("new", "new"), keyed("k", "changed")] });
    expect(second.status).toBe(201);
    expect(second.body.episodes_created).toBe(2);
    expect(second.body.episodes?.[1]).toEqual(first.body.episodes?.[0]);
    expect(fake.stats()).toMatchObject({ stored: 2, duplicates: 1 });
  });

  it("distinguishes tenants and subjects", async () => {
    const fake = await start();
    await post(fake, { episodes: [keyed("k", "a"), keyed("k", "b", "repo:b")] }, { "x-tenant-id": "one" });
    await post(fake, { episodes: [keyed("k", "a")] }, { "x-tenant-id": "two" });
    await post(fake, { episodes: [keyed("k", "a")] });
    expect(fake.stats()).toMatchObject({ stored: 4, duplicates: 0 });
  });

  it("recognises a repeat within one batch, and a key in metadata", async () => {
    const fake = await start();
    await post(fake, {
      episodes: [keyed("k", "a"), keyed("k", "b"), item({ subject_id: "repo:a", metadata: { idempotency_key: "k" } })],
    });
    expect(fake.stats()).toMatchObject({ stored: 1, duplicates: 2 });
  });

  it("stores what has no key every time", async () => {
    const fake = await start();
    await post(fake, { episodes: [item(), item()] });
    expect(fake.stats()).toMatchObject({ stored: 2, duplicates: 0 });
  });

  it("works by keys alone, and keeps nothing when the option says so", async () => {
    const keys = await start({ keep: "keys" });
    await post(keys, { episodes: [keyed("k", "a"), keyed("k", "a")] });
    expect([keys.episodes.length, keys.stats().duplicates]).toEqual([0, 1]);
    const none = await start({ keep: "none" });
    await post(none, { episodes: [keyed("k", "a"), keyed("k", "a")] });
    expect([none.episodes.length, none.stats().stored]).toEqual([0, 2]);
  });
});

describe("the fake's access rules", () => {
  it("checks the key first, then the tenant, then the body", async () => {
    const fake = await start({ apiKey: "right", requireTenant: true, tenantHeader: "X-Org" });
    const answers = [
      await post(fake, "junk"),
      await post(fake, "junk", { "x-api-key": "wrong" }),
      await post(fake, "junk", { "x-api-key": "right" }),
      await post(fake, "junk", { "x-api-key": "right", "x-org": "acme" }),
      await post(fake, item(), { "x-api-key": "right", "x-org": "acme" }, ""),
    ];
    expect(answers.map(({ status, body }) => [status, body.error?.code])).toEqual([
      [401, "missing_api_key"],
      [403, "invalid_api_key"],
      [400, "missing_tenant"],
      [422, "validation_error"],
      [201, undefined],
    ]);
    expect(answers[0]?.body.error).not.toHaveProperty("request_id");
    expect(fake.episodes[0]).toMatchObject({ tenant_id: "acme" });
  });

  it("returns the caller's request id, or one of its own", async () => {
    const fake = await start();
    expect((await post(fake, "junk", { "x-request-id": "mine" })).requestId).toBe("mine");
    expect((await post(fake, "junk")).requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ["/healthz", 200],
    ["/readyz", 200],
    ["/v1/version", 200],
    ["/openapi.json", 200],
    ["/v1/episodes/batch", 401],
    ["/nowhere", 401],
  ])("GET %s answers %i without credentials", async (path, status) => {
    const fake = await start({ apiKey: "right" });
    expect((await fetch(fake.url + path)).status).toBe(status);
  });
});

describe("the fake's faults", () => {
  const send = (fake: FakeStatewave, text = "hello") =>
    post(fake, { episodes: [item({ payload: { text }, idempotency_key: text })] }).then(
      ({ status }) => status,
      () => "cut",
    );

  it.each<[Fault, unknown, number]>([
    [{ type: "status", status: 503, times: 1 }, 503, 0],
    [{ type: "reset", times: 1 }, "cut", 0],
    [{ type: "lost_reply", times: 1 }, "cut", 1],
    [{ type: "cut_body", times: 1 }, "cut", 1],
    [{ type: "poison", marker: "hello", times: 1 }, 500, 0],
    [{ type: "refuse", marker: "hello", as: "413", times: 1 }, 413, 0],
    [{ type: "refuse", marker: "hello", as: "422", times: 1 }, 422, 0],
    [{ type: "latency", latencyMs: 1, times: 1 }, 201, 1],
  ])("%j happens as often as set", async (fault, outcome, stored) => {
    const fake = await start({ faults: [fault] });
    expect(await send(fake)).toBe(outcome);
    expect(fake.stats().stored).toBe(stored);
    expect(await send(fake)).toBe(201);
  });

  it("last until they are cleared when no number is given, one after the other otherwise", async () => {
    const fake = await start({
      faults: [
        { type: "status", status: 502, times: 2 },
        { type: "status", status: 429 },
      ],
    });
    const seen = [];
    for (let round = 0; round < 5; round += 1) seen.push(await send(fake));
    fake.setFaults([]);
    seen.push(await send(fake));
    expect(seen).toEqual([502, 502, 429, 429, 429, 201]);
  });

  it("spare batches without the marker", async () => {
    const fake = await start({ faults: [{ type: "poison", marker: "POISON" }] });
    expect([await send(fake, "fine"), await send(fake, "POISON"), await send(fake, "also fine")]).toEqual([201, 500, 201]);
  });
});

describe("the fake as a process", () => {
  it("prints its address, takes faults, shows and logs what it stored, and outlives nothing of its log", async () => {
    const dir = await mkdtemp(join(tmpdir(), "fake-statewave-"));
    closers.push(() => rm(dir, { recursive: true }));
    const log = join(dir, "rows.jsonl");
    const main = new URL("../../src/fake-statewave/main.ts", import.meta.url).pathname;
    const child = spawn(process.execPath, [main, "--log", log, "--keep", "all"], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    closers.push(async () => child.kill("SIGKILL"));
    const [url] = (await once(createInterface(child.stdout), "line")) as [string];

    await post({ url }, { episodes: [item({ idempotency_key: "a", payload: { text: "marker-1" } })] });
    await fetch(`${url}/_fake/faults`, { method: "POST", body: JSON.stringify([{ type: "status", status: 503 }]) });
    expect((await post({ url }, { episodes: [item()] })).status).toBe(503);
    const stats = await fetch(`${url}/_fake/stats`).then((response) => response.json());
    expect(stats).toMatchObject({ stored: 1, answers: { 201: 1, 503: 1 } });
    const found = await fetch(`${url}/_fake/episodes?contains=marker-1`).then((response) => response.json());
    expect(found).toMatchObject({ episodes: [{ idempotency_key: "a" }] });

    child.kill("SIGKILL");
    await exited;
    expect(JSON.parse(await readFile(log, "utf8"))).toMatchObject({ idempotency_key: "a", payload: { text: "marker-1" } });
  });
});
