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

async function store(fake: FakeStatewave, subject: string, texts: readonly string[], headers?: Record<string, string>) {
  const episodes = texts.map((text) => ({
    subject_id: subject,
    source: "slack.message",
    type: "slack.message.posted",
    payload: { text, event_time: "2026-03-01T08:00:00Z" },
    idempotency_key: text,
  }));
  await request(fake, "/v1/episodes/batch", { episodes }, headers);
}

const ask = (fake: FakeStatewave, body: object, headers?: Record<string, string>) => request(fake, "/v1/context", body, headers);
const question = { subject_id: "team:a", task: "When does the gate open?" };

describe("a context", () => {
  test("shows episodes raw before they are compiled, and their summaries afterwards", async () => {
    const fake = await start();
    await store(fake, "team:a", ["The gate opens at seven.", "I use the blue crane, not the other."]);
    const raw = (await ask(fake, question)).body;
    expect(raw).toMatchObject({ subject_id: "team:a", task: question.task, facts: [], procedures: [] });
    expect(raw["assembled_context"]).toContain(
      "## Recent interactions\n- [slack.message/slack.message.posted] The gate opens at seven.",
    );
    await request(fake, "/v1/memories/compile", { subject_id: "team:a" });
    const { body } = await ask(fake, question);
    expect(body["episodes"]).toEqual([]);
    expect(body["facts"]).toMatchObject([
      { kind: "profile_fact", content: "I use the blue crane", confidence: 0.6 },
      { kind: "episode_summary", content: "The gate opens at seven.", source_episode_ids: [fake.episodes[0]?.id] },
      { kind: "episode_summary" },
    ]);
    expect(body["assembled_context"]).toContain("## Recent history\n- [2026-03-01] The gate opens at seven.");
  });

  test("keeps to its budget", async () => {
    const fake = await start();
    await store(
      fake,
      "team:a",
      Array.from({ length: 30 }, (_, at) => `${at} ${"gate ".repeat(30)}`),
    );
    const { body } = await ask(fake, { ...question, max_tokens: 200 });
    expect((body["episodes"] as readonly unknown[]).length).toBeLessThan(6);
    expect(body["token_estimate"]).toBeLessThanOrEqual(210);
  });

  test("of a subject without episodes is empty", async () => {
    const { status, body } = await ask(await start(), question);
    expect(status).toBe(200);
    expect(body).toMatchObject({ facts: [], episodes: [], assembled_context: `## Task\n${question.task}\n` });
  });

  test("holds its tenant's episodes only, behind the key", async () => {
    const fake = await start({ apiKey: "k" });
    const acme = { "x-api-key": "k", "x-tenant-id": "acme" };
    await store(fake, "team:a", ["The gate opens at seven."], acme);
    expect((await ask(fake, question)).status).toBe(401);
    expect((await ask(fake, question, { ...acme, "x-tenant-id": "other" })).body).toMatchObject({ episodes: [] });
    expect((await ask(fake, question, acme)).body["episodes"]).toHaveLength(1);
  });

  test.each([
    ["no subject", { task: "q" }, "missing"],
    ["a slash in the subject", { ...question, subject_id: "a/b" }, "string_pattern_mismatch"],
    ["no question", { subject_id: "a" }, "missing"],
    ["an empty question", { subject_id: "a", task: "" }, "string_too_short"],
    ["a question of 4,001 characters", { subject_id: "a", task: "q".repeat(4_001) }, "string_too_long"],
    ["a budget of 0", { ...question, max_tokens: 0 }, "greater_than_equal"],
    ["a budget of 128,001", { ...question, max_tokens: 128_001 }, "less_than_equal"],
    ["a budget that is a text", { ...question, max_tokens: "7" }, "int_type"],
  ])("is refused for %s", async (_, body, type) => {
    const { status, body: answer } = await ask(await start(), body);
    expect(status).toBe(422);
    expect(answer).toMatchObject({ error: { code: "validation_error", details: [{ type }] } });
  });
});

describe("the list of subjects", () => {
  test("counts what each has, by page, and counts the page only", async () => {
    const fake = await start();
    for (const subject of ["team:c", "team:a", "team:b"]) await store(fake, subject, [`${subject} 1`, `${subject} 2`]);
    await request(fake, "/v1/memories/compile", { subject_id: "team:b" });
    expect((await request(fake, "/v1/subjects?limit=2&offset=1")).body).toEqual({
      subjects: [
        { subject_id: "team:b", episode_count: 2, memory_count: 2 },
        { subject_id: "team:c", episode_count: 2, memory_count: 0 },
      ],
      total: 2,
    });
  });

  test.each(["limit=0", "limit=201", "limit=x", "offset=-1"])("is refused for %s", async (query) => {
    expect((await request(await start(), `/v1/subjects?${query}`)).status).toBe(422);
  });
});
