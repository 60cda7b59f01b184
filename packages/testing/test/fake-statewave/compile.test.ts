import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, onTestFinished, test } from "vitest";
import { type FakeStatewave, type FakeStatewaveOptions, startFakeStatewave } from "../../src/fake-statewave/index.ts";

async function start(options: FakeStatewaveOptions = {}): Promise<FakeStatewave> {
  const fake = await startFakeStatewave(options);
  onTestFinished(() => fake.close());
  return fake;
}

async function request(fake: FakeStatewave, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${fake.url}${path}`, {
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    headers,
  });
  return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> };
}

const compile = (fake: FakeStatewave, body: object, headers?: Record<string, string>) =>
  request(fake, "/v1/memories/compile", body, headers);

async function store(fake: FakeStatewave, subject: string, count: number, headers?: Record<string, string>): Promise<void> {
  const episodes = Array.from({ length: count }, (_, index) => ({
    subject_id: subject,
    source: "s",
    type: "t",
    payload: { text: `${subject} ${index} ${"x".repeat(600)}` },
    idempotency_key: `${subject} ${index}`,
  }));
  expect((await request(fake, "/v1/episodes/batch", { episodes }, headers)).status).toBe(201);
}

async function ended(fake: FakeStatewave, id: unknown, headers?: Record<string, string>) {
  for (;;) {
    const job = await request(fake, `/v1/memories/compile/${String(id)}`, undefined, headers);
    const { status } = job.body;
    if (status !== "pending" && status !== "running") return job;
  }
}

describe("a call", () => {
  test("makes a memory of each episode, and reports how many are left", async () => {
    const fake = await start({ compile: { batchSize: 2 } });
    await store(fake, "a", 3);
    const first = await compile(fake, { subject_id: "a" });
    expect(first).toMatchObject({
      status: 200,
      body: { subject_id: "a", memories_created: 2, has_more: true, remaining_episodes: 1 },
    });
    const [memory] = first.body["memories"] as readonly { content: string; source_episode_ids: readonly string[] }[];
    expect(memory!.content).toHaveLength(500);
    expect(memory!.source_episode_ids).toEqual([fake.episodes[0]!.id]);
    expect((await compile(fake, { subject_id: "a" })).body).toMatchObject({ memories_created: 1, has_more: false });
    expect((await compile(fake, { subject_id: "a" })).body).toMatchObject({ memories_created: 0, has_more: false });
    expect(fake.subjects).toEqual([{ tenant_id: null, subject_id: "a", compiles: 1, calls: 3, compiled: 3, uncompiled: 0 }]);
  });

  test("of an unknown subject compiles nothing", async () => {
    const fake = await start();
    expect(await compile(fake, { subject_id: "nobody" })).toMatchObject({ status: 200, body: { memories_created: 0 } });
  });

  test.each([
    ["no subject", {}, "missing"],
    ["a slash in the subject", { subject_id: "a/b" }, "string_pattern_mismatch"],
    ["a subject of 257 characters", { subject_id: "s".repeat(257) }, "string_too_long"],
    ["an `async` that is a text", { subject_id: "a", async: "yes" }, "bool_type"],
  ])("with %s is refused", async (_, body, type) => {
    const { status, body: answer } = await compile(await start(), body);
    expect(status).toBe(422);
    expect(answer).toMatchObject({ error: { code: "validation_error", details: [{ type }] } });
  });

  test("needs the key, and compiles for its tenant only", async () => {
    const fake = await start({ apiKey: "k" });
    const acme = { "x-api-key": "k", "x-tenant-id": "acme" };
    await store(fake, "a", 1, acme);
    expect((await compile(fake, { subject_id: "a" })).status).toBe(401);
    expect((await compile(fake, { subject_id: "a" }, { "x-api-key": "k" })).body).toMatchObject({ memories_created: 0 });
    expect((await compile(fake, { subject_id: "a" }, acme)).body).toMatchObject({ memories_created: 1 });
  });

  test("collides with the embedding of the one before for a while", async () => {
    const clock = new FakeClock();
    const fake = await start({ compile: { batchSize: 1, embeddingMs: 3_000 }, now: () => clock.now() });
    await store(fake, "a", 2);
    expect((await compile(fake, { subject_id: "a" })).status).toBe(200);
    expect((await compile(fake, { subject_id: "a" })).status).toBe(500);
    await clock.advance(3_000);
    expect((await compile(fake, { subject_id: "a" })).body).toMatchObject({ memories_created: 1 });
  });

  test("of an older release does not report whether more is left", async () => {
    const fake = await start({ release: "0.7.1", compile: { batchSize: 1 } });
    await store(fake, "a", 2);
    expect((await compile(fake, { subject_id: "a" })).body).not.toHaveProperty("has_more");
  });

  test("to a server without the route is answered 404", async () => {
    expect((await compile(await start({ compile: false }), { subject_id: "a" })).status).toBe(404);
  });
});

describe("a job", () => {
  test("compiles everything that its subject has", async () => {
    const fake = await start({ compile: { batchSize: 2 } });
    await store(fake, "a", 5);
    const submitted = await compile(fake, { subject_id: "a", async: true });
    expect(submitted).toMatchObject({ status: 202, body: { status: "pending", subject_id: "a" } });
    expect(await ended(fake, submitted.body["job_id"])).toMatchObject({
      status: 200,
      body: { status: "completed", memories_created: 5 },
    });
  });

  test("of an older release compiles one batch", async () => {
    const fake = await start({ release: "0.7.1", compile: { batchSize: 2 } });
    await store(fake, "a", 5);
    const { body } = await compile(fake, { subject_id: "a", async: true });
    expect((await ended(fake, body["job_id"])).body).toMatchObject({ status: "completed", memories_created: 2 });
  });

  test("is known to its tenant only", async () => {
    const fake = await start();
    const { body } = await compile(fake, { subject_id: "a", async: true }, { "x-tenant-id": "acme" });
    expect((await ended(fake, body["job_id"])).status).toBe(404);
    expect((await ended(fake, body["job_id"], { "x-tenant-id": "acme" })).status).toBe(200);
  });

  test("fails when the fault is set, and leaves the episodes uncompiled", async () => {
    const fake = await start({ faults: [{ type: "job_failed", times: 1 }] });
    await store(fake, "a", 1);
    const { body } = await compile(fake, { subject_id: "a", async: true });
    expect((await ended(fake, body["job_id"])).body).toMatchObject({ status: "failed", error: expect.any(String) });
    expect(fake.subjects).toMatchObject([{ uncompiled: 1 }]);
  });

  test("is not made by a server that has none", async () => {
    const fake = await start({ compile: { jobs: false } });
    await store(fake, "a", 1);
    expect(await compile(fake, { subject_id: "a", async: true })).toMatchObject({ status: 200, body: { memories_created: 1 } });
  });
});

test("a fault of compiles leaves the ingest alone", async () => {
  const fake = await start({ faults: [{ type: "compile_status", status: 502, code: "compilation_failed", times: 1 }] });
  await store(fake, "a", 1);
  expect(await compile(fake, { subject_id: "a" })).toMatchObject({
    status: 502,
    body: { error: { code: "compilation_failed" } },
  });
  expect((await compile(fake, { subject_id: "a" })).status).toBe(200);
});
