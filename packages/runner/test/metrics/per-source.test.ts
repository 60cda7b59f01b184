import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { createMetrics } from "../../src/metrics/create-metrics.ts";
import { samples } from "./samples.ts";

const github = { kind: "github", name: "main-repo" };
const slack = { kind: "slack", name: "team-events" };
const all = 'kind="github",name="main-repo"';
const push = 'kind="slack",name="team-events"';

/** A runner without news. */
const quiet = {
  ready: true,
  sinkUp: true,
  foreignCursors: 0,
  watches: [],
  schedulesArmed: 3,
  receiversMounted: 1,
  stores: [],
  pushes: [],
  paused: [],
};

test("with per_source unhealthy, only sources that need attention have series of their own, and counters are summed by kind", async () => {
  const clock = new FakeClock(60_000);
  const other = { kind: "github", name: "quiet-repo" };
  const late = { kind: "github", name: "late-repo" };
  const metrics = await createMetrics({
    version: "1.2.3",
    hostname: "box",
    disableDefaultMetrics: true,
    pulls: [github, other, late],
    pushes: [slack],
    perSource: "unhealthy",
  });
  const finished = (source: SourceKey, finishedDueMs: number) => ({
    source,
    cursor: "c",
    updatedAtMs: 1,
    finishedDueMs,
    epoch: 1,
  });
  const due = (source: SourceKey) => ({ source, nextDueMs: 61_000, intervalMs: 1_000, running: false });
  metrics.watch({
    clock,
    inboxStats: async () => ({ depth: 4, bytes: 10, deadLetters: [{ source: slack, type: "event", count: 5 }] }),
    sourceStates: async () => [finished(github, 59_000), finished(other, 59_000), finished(late, 10_000)],
    now: () => ({
      ...quiet,
      pulls: [due(github), due(other), due(late)],
      sources: [
        { source: github, direction: "pull", up: false },
        { source: other, direction: "pull", up: true },
      ],
    }),
  });
  for (const source of [github, other, late]) metrics.pull.runStarted(source);
  metrics.pull.due(other, "missed", 1);
  metrics.pull.itemsFailed(github, 2);
  const exposition = await metrics.render();
  const values = samples(exposition);
  expect(exposition).not.toContain("quiet-repo");
  expect(values.get('statewave_runner_pull_ticks_total{kind="github"}')).toBe(3);
  expect(values.get('statewave_runner_pull_dues_total{kind="github",outcome="missed"}')).toBe(1);
  expect(values.get(`statewave_runner_failed_items_total{${all}}`)).toBe(2);
  expect(values.get(`statewave_runner_source_up{${all},direction="pull"}`)).toBe(0);
  expect(values.get(`statewave_runner_pull_last_sync_timestamp_seconds{${all}}`)).toBe(59);
  expect(values.get('statewave_runner_pull_last_sync_timestamp_seconds{kind="github",name="late-repo"}')).toBe(10);
  expect(values.get(`statewave_runner_dead_letters{${push},type="event"}`)).toBe(5);
  expect(values.has(`statewave_runner_dead_letters{${push},type="episode"}`)).toBe(false);
});

const options = { version: "1.2.3", hostname: "box", disableDefaultMetrics: true, perSource: "unhealthy" } as const;

test("with per_source unhealthy, the healed episodes of a receiver's twin are there from the start, so that an alert sees the first", async () => {
  const metrics = await createMetrics({
    ...options,
    pulls: [github],
    pushes: [{ kind: "github", name: "hooks", pull: github.name }],
  });
  expect(samples(await metrics.render()).get(`statewave_runner_healed_total{${all}}`)).toBe(0);
});

test("with per_source unhealthy, a cursor that stands although its runs succeed has its age and the interval", async () => {
  const dayMs = 24 * 60 * 60_000;
  const clock = new FakeClock(2 * dayMs);
  const nowMs = clock.now();
  const moving = { kind: "github", name: "moving-repo" };
  const metrics = await createMetrics({ ...options, pulls: [github, moving], pushes: [] });
  const stored = (source: SourceKey, updatedAtMs: number) => ({
    source,
    cursor: "c",
    updatedAtMs,
    finishedDueMs: nowMs,
    epoch: 1,
  });
  const due = (source: SourceKey) => ({ source, nextDueMs: nowMs + 60_000, intervalMs: 60_000, running: false });
  metrics.watch({
    clock,
    inboxStats: async () => ({ depth: 0, bytes: 0, deadLetters: [] }),
    sourceStates: async () => [stored(github, nowMs - dayMs - 60_000), stored(moving, nowMs - 60_000)],
    now: () => ({ ...quiet, sources: [], pulls: [due(github), due(moving)] }),
  });
  const exposition = await metrics.render();
  const values = samples(exposition);
  expect(exposition).not.toContain("moving-repo");
  expect(values.get(`statewave_runner_pull_cursor_age_seconds{${all}}`)).toBe(86_460);
  expect(values.get(`statewave_runner_pull_interval_seconds{${all}}`)).toBe(60);
  expect(values.has(`statewave_runner_pull_running{${all}}`)).toBe(false);
});

test.each([
  ["all", 'kind="slack",name="second"', ['kind="slack",name="team-events"', 'kind="zendesk",name="desk"']],
  ["unhealthy", 'kind="slack"', ['kind="zendesk"']],
] as const)(
  "with per_source %s, a receiver that a reload removed has no deliveries any more, which would look idle",
  async (perSource, kept, left) => {
    const second = { kind: "slack", name: "second" };
    const pushes = [slack, second, { kind: "zendesk", name: "desk" }];
    const metrics = await createMetrics({ ...options, perSource, pulls: [], pushes });
    const deliveries = async (labels: string) =>
      samples(await metrics.render()).get(`statewave_runner_push_deliveries_total{${labels}}`);
    metrics.webhookObserver(second).received();
    metrics.follow({ pulls: [], pushes: [second] });
    expect(await deliveries(kept)).toBe(1);
    for (const labels of left) expect(await deliveries(labels)).toBeUndefined();
    metrics.follow({ pulls: [], pushes });
    for (const labels of left) expect(await deliveries(labels)).toBe(0);
  },
);
