import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { ConnectorsErrorOptions } from "@statewave-connectors/connector-sdk/host";
import { rememberSecret } from "@statewave-connectors/connector-sdk/secrets";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, test } from "vitest";
import { silentPullObserver } from "../../../src/pull/pull-observer.ts";
import type { EntryHealth } from "../../../src/health/sources/entry-health.ts";
import { SourceHealths } from "../../../src/health/sources/source-healths.ts";
import { watchRuns } from "../../../src/health/sources/watch-runs.ts";
import { keepingLogger } from "../logging.ts";

const key = { kind: "demo", name: "repo" };
const error = (code: string, more: Partial<ConnectorsErrorOptions> = {}) =>
  new ConnectorsError({ code, message: `${code} it said`, ...more });
const refused = error("DEMO_UNAUTHORIZED", { hint: "replace `token`" });
const away = error("DEMO_UNAVAILABLE", { retryable: true });
const limited = error("DEMO_RATE_LIMITED", { retryAtMs: 9e12 });
const loss = { ok: false, code: "DEMO_GONE", message: "it is gone", hint: "bring it back" } as const;

function world(secrets: readonly string[] = []) {
  const clock = new FakeClock();
  const { logger, lines } = keepingLogger();
  for (const secret of secrets) rememberSecret(secret);
  const healths = new SourceHealths({ clock, logger });
  const recoveries: string[] = [];
  healths.onRecovery(({ direction, source }) => recoveries.push(`${direction} ${source.name}`));
  const health = healths.of("pull", key);
  return { clock, lines, healths, health, recoveries, shown: () => health.state };
}

test("a trouble is shown, logged and stored without what [privacy] hides", () => {
  const { logger, lines } = keepingLogger();
  const redact = ({ name }: typeof key, text: string) => text.replaceAll("ana@acme.com", `(email of ${name})`);
  const health = new SourceHealths({ clock: new FakeClock(), logger, redact }).of("pull", key);
  health.reported({ ok: false, code: "DEMO_GONE", message: "ana@acme.com has left", hint: "replace ana@acme.com" });
  expect(health.state).toMatchObject({ message: "(email of repo) has left", hint: "replace (email of repo)" });
  expect(JSON.stringify(lines)).not.toContain("ana@acme.com");
});

describe("a run", () => {
  test("that a person has to mend makes its source unhealthy at once, with the error's words, until one succeeds", () => {
    const { clock, health, shown } = world();
    expect(shown()).toEqual({ status: "unknown" });
    health.runFailed(refused);
    const unhealthy = {
      status: "unhealthy",
      code: "DEMO_UNAUTHORIZED",
      message: "DEMO_UNAUTHORIZED it said",
      hint: "replace `token`",
    };
    expect(shown()).toEqual({ ...unhealthy, sinceMs: clock.now() });
    health.runSucceeded();
    expect(shown()).toEqual({ status: "ok" });
  });

  test("that may succeed by itself makes its source unhealthy when it failed three times in a row", () => {
    const { health, shown } = world();
    health.runFailed(away);
    health.runFailed(away);
    health.runSucceeded();
    health.runFailed(away);
    health.runFailed(away);
    expect(shown()).toEqual({ status: "ok" });
    health.runFailed(away);
    expect(shown()).toMatchObject({ status: "unhealthy", code: "DEMO_UNAVAILABLE" });
  });

  test.each([
    limited,
    ...["STORE_LEASE_LOST", "SINK_STOPPED", "INBOX_FULL", "RUNNER_STOPPING", "RUNNER_DRAIN_TIMEOUT"].map((code) => error(code)),
  ])("that ends by $code says nothing of its source, however often", (ended) => {
    const { health, shown } = world();
    for (let tick = 0; tick < 10; tick += 1) health.runFailed(ended);
    expect(shown()).toEqual({ status: "unknown" });
    health.runFailed(refused);
    health.runFailed(ended);
    expect(shown()).toMatchObject({ status: "unhealthy", code: "DEMO_UNAUTHORIZED" });
  });

  test("that could not read some parts makes its source unhealthy when it failed three times in a row", () => {
    const { health, shown } = world();
    const ended = error("DEMO_UNAVAILABLE", { retryAtMs: 9e12, failedParts: ["acme/widgets"] });
    health.runFailed(ended);
    health.runFailed(ended);
    expect(shown()).toEqual({ status: "unknown" });
    health.runFailed(ended);
    expect(shown()).toMatchObject({ status: "unhealthy", code: "DEMO_UNAVAILABLE" });
  });

  test("that failed with a foreign message is unhealthy without it", () => {
    const { health, shown } = world();
    health.runFailed(new TypeError("cannot read s3cret of undefined"));
    expect(shown()).toMatchObject({ status: "unhealthy", code: "RUNNER_CONNECTOR_DEFECT" });
    expect(JSON.stringify(shown())).not.toContain("s3cret");
  });

  test("that failed while its episodes were delivered says nothing of its source", () => {
    const { healths, shown } = world();
    const observer = watchRuns(silentPullObserver, healths);
    observer.runFailed(key, "ingest", refused);
    observer.runEnded(key, 10, undefined);
    expect(shown()).toEqual({ status: "unknown" });
    observer.runFailed(key, "sync", refused);
    observer.runEnded(key, 10, undefined);
    expect(shown()).toMatchObject({ status: "unhealthy" });
  });

  test("that ended early at max_items has shown that its source works", () => {
    const { healths, shown } = world();
    watchRuns(silentPullObserver, healths).runEnded(key, 10, undefined);
    expect(shown()).toEqual({ status: "ok" });
  });
});

describe("a check", () => {
  const failed = (cause?: ConnectorsError) => ({ ok: false, message: "the channel is missing", ...(cause && { error: cause }) });
  const passed = { ok: true, message: "all is well" };

  test.each([
    ["a check passes", (health: EntryHealth) => health.checked([passed])],
    ["a tick succeeds", (health: EntryHealth) => health.runSucceeded()],
  ])("that fails makes the source unhealthy, until %s", (_, mend) => {
    const { health, shown } = world();
    expect(health.checked([passed, failed(refused)])).toBe(false);
    expect(shown()).toMatchObject({ status: "unhealthy", code: "DEMO_UNAUTHORIZED", hint: "replace `token`" });
    mend(health);
    expect(shown()).toEqual({ status: "ok" });
  });

  test("that names no error is reported in its own sentence", () => {
    const { health, shown } = world();
    health.checked([failed()]);
    expect(shown()).toMatchObject({ code: "RUNNER_CHECK_FAILED", message: "the channel is missing" });
  });

  test("reports what a person has to mend before what may pass", () => {
    const { health, shown } = world();
    health.checked([failed(away), failed(limited), failed(refused)]);
    expect(shown()).toMatchObject({ code: "DEMO_UNAUTHORIZED" });
  });

  test("that met a rate limit says nothing; that met an unreachable provider, when it did so three times", () => {
    const { health, shown } = world();
    for (const cause of [limited, limited, limited, away, away]) health.checked([failed(cause)]);
    expect(shown()).toEqual({ status: "unknown" });
    health.checked([failed(away)]);
    expect(shown()).toMatchObject({ code: "DEMO_UNAVAILABLE" });
  });

  test("of a connector that checks nothing says nothing", () => {
    const { health, shown } = world();
    expect(health.checked([])).toBe(true);
    expect(shown()).toEqual({ status: "unknown" });
  });
});

describe("what a connector reports", () => {
  test("stands until the connector takes it back, whatever runs and checks say", () => {
    const { health, shown } = world();
    health.reported(loss);
    health.runFailed(refused);
    health.runSucceeded();
    health.checked([{ ok: true, message: "fine" }]);
    health.arrived();
    expect(shown()).toMatchObject({ status: "unhealthy", code: "DEMO_GONE" });
    health.reported({ ok: true });
    expect(shown()).toEqual({ status: "ok" });
  });

  test("is one entry's own: pull and push of one name are two", () => {
    const { healths, shown } = world();
    healths.of("push", key).reported(loss);
    expect(shown()).toEqual({ status: "unknown" });
    expect(healths.all.map(({ direction, state }) => [direction, state.status])).toEqual([
      ["pull", "unknown"],
      ["push", "unhealthy"],
    ]);
  });
});

test("something that arrives makes what was unknown well, and mends nothing", () => {
  const { health, shown } = world();
  health.arrived();
  expect(shown()).toEqual({ status: "ok" });
  health.checked([{ ok: false, message: "no" }]);
  health.arrived();
  expect(shown()).toMatchObject({ status: "unhealthy" });
});

test("a change is logged once and its recovery once, however often it is reported", async () => {
  const { clock, health, lines, recoveries } = world();
  for (let time = 0; time < 3; time += 1) {
    health.reported(loss);
    health.runFailed(refused);
  }
  health.runSucceeded();
  await clock.advance(5_000);
  for (let time = 0; time < 3; time += 1) health.reported({ ok: true });
  const where = { direction: "pull", source: "demo/repo" };
  expect(lines).toEqual([
    {
      level: "warn",
      message: "a source is unhealthy",
      fields: { ...where, code: "DEMO_GONE", reason: "it is gone", hint: "bring it back" },
    },
    { level: "info", message: "a source is healthy again", fields: { ...where, after_ms: 5_000 } },
  ]);
  expect(recoveries).toEqual(["pull repo"]);
});

test("a first success is no recovery", () => {
  const { health, lines, recoveries } = world();
  health.runSucceeded();
  expect([lines, recoveries]).toEqual([[], []]);
});

test("no configured secret is shown or logged, and no novel", () => {
  const { health, lines, shown } = world(["hunter2-token"]);
  const said = `GET https://me:hunter2-token@example.com/ ${"x".repeat(10_000)}`;
  health.runFailed(new ConnectorsError({ code: "DEMO_X", message: said, hint: "hunter2-token is wrong" }));
  const everything = JSON.stringify([shown(), lines]);
  expect(everything).not.toContain("hunter2-token");
  expect(everything.length).toBeLessThan(6_000);
});

test("a run that another process finished, due after what went wrong here, makes the source well again", async () => {
  const { clock, healths, health, shown } = world();
  const failedAtMs = clock.now();
  health.runFailed(refused);
  const finished = (finishedDueMs?: number) =>
    healths.learn([{ source: key, epoch: 1, ...(finishedDueMs === undefined ? {} : { finishedDueMs }) }]);
  finished();
  finished(failedAtMs);
  healths.learn([{ source: { kind: "demo", name: "not configured" }, epoch: 1, finishedDueMs: failedAtMs + 1 }]);
  expect(shown()).toMatchObject({ status: "unhealthy" });
  finished(failedAtMs + 1);
  expect(shown()).toEqual({ status: "ok" });
});
