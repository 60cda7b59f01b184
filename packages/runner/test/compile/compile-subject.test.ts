import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, test } from "vitest";
import { CompileClient } from "../../src/compile/compile-client.ts";
import { compileSubject } from "../../src/compile/compile-subject.ts";
import { StatewaveServer } from "../../src/sinks/statewave/statewave-server.ts";
import { json } from "./model-server.ts";
import { settle } from "./settle.ts";

const secondMs = 1_000;
type Answer = Response | ((method: string) => Response | Promise<Response>);

const done = (created = 1, changes: object = { has_more: false }) => json(200, { memories_created: created, ...changes });
const failed = () => json(500, { error: { code: "internal_error" } });
const job = (changes: object) => json(200, { job_id: "j1", ...changes });
const submitted = () => json(202, { job_id: "j1", status: "pending" });

/** A server that gives these answers, one for each request; the last one from then on. */
async function compileWith(...answers: readonly Answer[]) {
  return compileGivingWay(false, ...answers);
}

async function compileGivingWay(isBusy: boolean, ...answers: readonly Answer[]) {
  const clock = new FakeClock();
  const requests: { readonly atMs: number; readonly method: string; readonly path: string; readonly body: unknown }[] = [];
  const outcomes: string[] = [];
  const limits: number[] = [];
  const server = new StatewaveServer({
    url: new URL("http://statewave.test/base"),
    tenantHeader: "X-Tenant-ID",
    userAgent: "test",
    clock,
    fetchImpl: async (url, init) => {
      const body: unknown = typeof init?.body === "string" ? JSON.parse(init.body) : undefined;
      const { pathname } = new URL(url instanceof Request ? url.url : url);
      requests.push({ atMs: clock.elapsed(), method: init?.method ?? "", path: pathname, body });
      const answer = answers[Math.min(requests.length, answers.length) - 1]!;
      const given = typeof answer === "function" ? answer(init?.method ?? "") : answer.clone();
      const aborted = new Promise<never>((_, reject) =>
        init?.signal?.addEventListener("abort", () => reject(new Error("aborted"))),
      );
      return Promise.race([given, aborted]);
    },
  });
  const client = new CompileClient(server, clock);
  const options = {
    client,
    clock,
    onRequest: (outcome: string) => void outcomes.push(outcome),
    onLimit: (ms: number) => void limits.push(ms),
    givesWay: () => isBusy,
  };
  const stop = new AbortController();
  const compiling = compileSubject("repo:acme.widgets", options, stop.signal);
  const until = (stepMs = 100) => settle(clock, compiling, stepMs);
  return { clock, requests, outcomes, limits, stop, until, compiling };
}

describe("compiling a subject", () => {
  test("requests a job, and takes a call for an answer where the server has none", async () => {
    const { requests, outcomes, until } = await compileWith(done());
    expect(await until()).toEqual({ type: "done" });
    expect(requests).toEqual([
      { atMs: 0, method: "POST", path: "/base/v1/memories/compile", body: { subject_id: "repo:acme.widgets", async: true } },
    ]);
    expect(outcomes).toEqual(["done"]);
  });

  test("calls again while more is left", async () => {
    const more = () => done(500, { has_more: true });
    const { outcomes, until } = await compileWith(more, more, () => done());
    expect(await until()).toEqual({ type: "done" });
    expect(outcomes).toEqual(["more", "more", "done"]);
  });

  test("gives way after a request while episodes are delivered", async () => {
    const { requests, outcomes, until } = await compileGivingWay(true, () => done(500, { has_more: true }));
    expect(await until()).toMatchObject({ type: "more" });
    expect([requests.length, outcomes]).toEqual([1, ["more"]]);
  });

  test("does not give way to a server that promises more for ever and compiles nothing", async () => {
    const { requests, until } = await compileGivingWay(true, () => done(0, { has_more: true, remaining_episodes: 7 }));
    expect(await until()).toMatchObject({ type: "failed", reason: expect.stringContaining("compiles none of it") });
    expect(requests.length).toBeLessThan(10);
  });

  test("gives way also where episodes give no memory, once fewer of them are left", async () => {
    const left = [400, 300].map((count) => () => done(0, { has_more: true, remaining_episodes: count }));
    const { requests, until } = await compileGivingWay(true, ...left);
    expect(await until()).toMatchObject({ type: "more" });
    expect(requests).toHaveLength(2);
  });

  test("calls at most 25 times in a second", async () => {
    const more = () => done(500, { has_more: true });
    const { requests, until } = await compileWith(...Array.from({ length: 51 }, () => more), () => done());
    await until(10);
    expect(requests.at(-1)?.atMs).toBeGreaterThanOrEqual(2 * secondMs);
  });

  test("gives up on a server that promises more for ever and compiles nothing", async () => {
    const { requests, until } = await compileWith(() => done(0, { has_more: true, remaining_episodes: 7 }));
    expect(await until()).toMatchObject({ type: "failed", reason: expect.stringContaining("compiles none of it") });
    expect(requests.length).toBeLessThan(10);
  });

  test("reports what such a server answers in the end, such as that it is done", async () => {
    const idle = Array.from({ length: 3 }, () => () => done(0, { has_more: true, remaining_episodes: 7 }));
    const { outcomes, until } = await compileWith(...idle, () => done());
    expect(await until()).toEqual({ type: "done" });
    expect(outcomes).toEqual(["more", "more", "retried", "done"]);
    const refused = await compileWith(...idle, () => json(422, {}));
    expect(await refused.until()).toMatchObject({ type: "refused" });
  });

  test("compiles on while episodes are left that give no memory", async () => {
    const left = [400, 300, 200, 100].map((count) => () => done(0, { has_more: true, remaining_episodes: count }));
    const { until } = await compileWith(...left, () => done(0));
    expect(await until()).toEqual({ type: "done" });
  });

  test("tries once more, 3 s after a 500", async () => {
    const { requests, outcomes, until } = await compileWith(failed, () => done());
    expect(await until()).toEqual({ type: "done" });
    expect(requests.map(({ atMs }) => atMs)).toEqual([0, 3 * secondMs]);
    expect(outcomes).toEqual(["retried", "done"]);
  });

  test("gives up at the second 500 in a row", async () => {
    const { requests, outcomes, until } = await compileWith(failed);
    expect(await until()).toMatchObject({ type: "failed", reason: "500 internal_error" });
    expect(requests).toHaveLength(2);
    expect(outcomes).toEqual(["retried", "failed"]);
  });

  test("tries each batch once more", async () => {
    const more = () => done(500, { has_more: true });
    const { outcomes, until } = await compileWith(more, failed, more, failed, () => done());
    expect(await until()).toEqual({ type: "done" });
    expect(outcomes).toEqual(["more", "retried", "more", "retried", "done"]);
  });

  test("waits as long as a server says that limits requests, and reports it", async () => {
    const { requests, limits, until } = await compileWith(
      () => json(429, {}, { "retry-after": "7" }),
      () => done(),
    );
    expect(await until()).toEqual({ type: "done" });
    expect(limits).toEqual([7 * secondMs]);
    expect(requests.map(({ atMs }) => atMs)).toEqual([0, 7 * secondMs]);
  });

  test("does not repeat what is refused, or what no subject gets for now", async () => {
    const refused = await compileWith(() => json(422, {}));
    expect(await refused.until()).toMatchObject({ type: "refused" });
    const unavailable = await compileWith(() => json(503, { error: { code: "service_unavailable" } }));
    expect(await unavailable.until()).toMatchObject({ type: "unavailable", reason: "503 service_unavailable" });
    expect([refused.requests.length, unavailable.requests.length]).toEqual([1, 1]);
  });

  test("reports a server that cannot be reached as one that compiles nothing for now", async () => {
    const { until } = await compileWith(() => Promise.reject(Object.assign(new Error("no"), { code: "ECONNREFUSED" })));
    expect(await until()).toMatchObject({ type: "unavailable", reason: "network: ECONNREFUSED" });
  });

  test("ends with the signal", async () => {
    const { stop, compiling } = await compileWith(() => new Promise(() => undefined));
    stop.abort(new Error("stopping"));
    await expect(compiling).rejects.toThrow("stopping");
  });
});

describe("a job", () => {
  test("is looked at until it is done, less and less often", async () => {
    const running = () => job({ status: "running" });
    const answers = [
      submitted,
      ...Array.from({ length: 12 }, () => running),
      () => job({ status: "completed", memories_created: 2 }),
    ];
    const { requests, outcomes, until } = await compileWith(...answers);
    expect(await until(25)).toEqual({ type: "done" });
    expect(requests.at(-1)).toMatchObject({ method: "GET", path: "/base/v1/memories/compile/j1" });
    const waits = requests.slice(1).map(({ atMs }, index) => atMs - requests[index]!.atMs);
    expect(waits.slice(0, 4)).toEqual([25, 50, 100, 200]);
    expect(Math.max(...waits)).toBe(5 * secondMs);
    expect(outcomes).toEqual(["done"]);
  });

  test("of a whole batch is followed by another one", async () => {
    const whole = () => job({ status: "completed", memories_created: 500 });
    const { outcomes, until } = await compileWith(submitted, whole, submitted, () =>
      job({ status: "completed", memories_created: 3 }),
    );
    expect(await until()).toEqual({ type: "done" });
    expect(outcomes).toEqual(["more", "done"]);
  });

  test("that failed or was forgotten is tried once more", async () => {
    const { outcomes, until } = await compileWith(
      submitted,
      () => job({ status: "failed" }),
      submitted,
      () => json(404, {}),
    );
    expect(await until()).toMatchObject({ type: "failed", reason: expect.stringContaining("404") });
    expect(outcomes).toEqual(["retried", "failed"]);
  });

  test("is polled through an outage, and given up two minutes after it: a restart of the server ends jobs", async () => {
    const away = () => json(503, {});
    const lost = (method: string) => (method === "POST" ? submitted() : job({ status: "running" }));
    const { requests, until } = await compileWith(submitted, away, away, lost);
    expect(await until(500)).toMatchObject({ type: "failed", reason: "the job has not come to an end" });
    const [first, second] = requests.filter(({ method }) => method === "POST");
    expect(second!.atMs - first!.atMs).toBeGreaterThan(2 * 60 * secondMs);
    expect(second!.atMs - first!.atMs).toBeLessThan(3 * 60 * secondMs);
  });
});
