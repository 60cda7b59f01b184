import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { InboxStats } from "@statewave-connectors/connector-sdk/inbox";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, test } from "vitest";
import { createMetrics } from "../../src/metrics/create-metrics.ts";
import type { MetricsOptions, Watched } from "../../src/metrics/metrics.ts";
import { samples } from "./samples.ts";

const github = { kind: "github", name: "main-repo" };
const slack = { kind: "slack", name: "team-events" };
const all = 'kind="github",name="main-repo"';
const push = 'kind="slack",name="team-events"';

function openMetrics(options: Partial<MetricsOptions> = {}) {
  const given = { version: "1.2.3", hostname: "box", disableDefaultMetrics: true, pulls: [github], pushes: [slack] };
  return createMetrics({ ...given, ...options });
}

/** What the reference promises: name, type, labels, buckets. */
const promised: [name: string, type: string, labels: string[], buckets?: number[]][] = [
  ["pull_ticks_total", "counter", ["kind", "name"]],
  ["pull_episodes_emitted_total", "counter", ["kind", "name"]],
  ["pull_episodes_ingested_total", "counter", ["kind", "name"]],
  ["pull_errors_total", "counter", ["kind", "name", "reason"]],
  ["unbalanced_runs_total", "counter", ["kind", "name"]],
  ["pull_last_sync_timestamp_seconds", "gauge", ["kind", "name"]],
  ["pull_next_due_timestamp_seconds", "gauge", ["kind", "name"]],
  ["pull_interval_seconds", "gauge", ["kind", "name"]],
  ["pull_running", "gauge", ["kind", "name"]],
  ["push_last_delivery_timestamp_seconds", "gauge", ["kind", "name"]],
  ["pull_sync_duration_seconds", "histogram", ["kind", "name"], [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]],
  ["push_deliveries_total", "counter", ["kind", "name"]],
  ["push_responses_total", "counter", ["kind", "name", "status"]],
  ["push_refused_total", "counter", ["kind", "name", "reason"]],
  ["push_ignored_total", "counter", ["kind", "name", "reason", "event"]],
  ["http_not_found_total", "counter", []],
  ["push_misrouted_total", "counter", ["reason"]],
  ["push_handler_errors_total", "counter", ["kind", "name"]],
  ["push_delivery_duration_seconds", "histogram", ["kind", "name"], [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]],
  ["info", "gauge", ["version", "hostname"]],
  ["schedules_armed", "gauge", []],
  ["push_receivers_mounted", "gauge", []],
  ["ready", "gauge", []],
  ["store_writable", "gauge", ["store"]],
  ["store_certificate_expires_timestamp_seconds", "gauge", ["store"]],
  ["watch_expires_timestamp_seconds", "gauge", ["kind", "name"]],
  ["inbox_depth", "gauge", []],
  ["inbox_oldest_age_seconds", "gauge", []],
  ["inbox_events_total", "counter", ["outcome"]],
  ["dead_letters", "gauge", ["kind", "name", "type"]],
  ["retention_forgotten_total", "counter", ["what"]],
  ["source_up", "gauge", ["kind", "name", "direction"]],
  ["paused", "gauge", ["kind", "name", "direction"]],
  ["sink_up", "gauge", []],
  ["foreign_cursors", "gauge", []],
  ["sink_requests_total", "counter", ["status"]],
  ["sink_request_duration_seconds", "histogram", []],
  ["sink_batch_size", "histogram", []],
  ["pull_dues_total", "counter", ["kind", "name", "outcome"]],
  ["pull_cursor_age_seconds", "gauge", ["kind", "name"]],
  ["episodes_total", "counter", ["kind", "name", "outcome"]],
  ["episode_seconds", "histogram", ["stage"], [0.1, 0.5, 1, 5, 15, 60, 300, 600, 1_800, 3_600, 21_600, 86_400]],
  ["compile_requests_total", "counter", ["outcome"]],
  ["notices_total", "counter", ["notify", "outcome"]],
  ["healed_total", "counter", ["kind", "name"]],
  ["skipped_items_total", "counter", ["kind", "name", "reason"]],
  ["failed_items_total", "counter", ["kind", "name"]],
];

describe("the exposition", () => {
  test("holds exactly the promised series, with type, labels and buckets", async () => {
    const metrics = await openMetrics();
    await exercise(metrics);
    const exposition = await metrics.render();
    const types = [...exposition.matchAll(/^# TYPE statewave_runner_(\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    expect(new Set(types)).toEqual(new Set(promised.map(([name, type]) => `${name} ${type}`)));
    for (const [name, , labels, buckets] of promised) {
      const shown = exposition
        .split("\n")
        .filter((line) => new RegExp(`^statewave_runner_${name}(_bucket|_sum|_count)?[{ ]`).test(line));
      const shownLabels = new Set(shown.flatMap((line) => [...line.matchAll(/(\w+)="/g)].map(([, label]) => label)));
      shownLabels.delete("le");
      expect([name, shownLabels]).toEqual([name, new Set(labels)]);
      const bounds = new Set(shown.flatMap((line) => [...line.matchAll(/le="([\d.]+)"/g)].map(([, bound]) => Number(bound))));
      expect([name, [...bounds]]).toEqual([name, buckets ?? [...bounds]]);
    }
  });

  test("shows counters of the configured sources at 0 before anything happened", async () => {
    const values = samples(await (await openMetrics()).render());
    for (const name of [
      `pull_ticks_total{${all}}`,
      `pull_errors_total{${all},reason="sync"}`,
      `pull_dues_total{${all},outcome="missed"}`,
      `push_deliveries_total{${push}}`,
      `push_responses_total{${push},status="200"}`,
      'inbox_events_total{outcome="dead"}',
      "ready",
    ]) {
      expect([name, values.get(`statewave_runner_${name}`)]).toEqual([name, 0]);
    }
  });

  test("has no time of a last sync before there was one: an alert on its age would fire at every start", async () => {
    const metrics = await openMetrics();
    expect(await metrics.render()).not.toContain("last_sync_timestamp_seconds{");
    metrics.pull.runEnded(github, 100, undefined);
    expect(await metrics.render()).not.toContain("last_sync_timestamp_seconds{");
    metrics.pull.runEnded(github, 100, 1_700_000_000_500);
    expect(samples(await metrics.render()).get(`statewave_runner_pull_last_sync_timestamp_seconds{${all}}`)).toBe(
      1_700_000_000.5,
    );
  });

  test("carries version and host", async () => {
    expect(samples(await (await openMetrics()).render()).get('statewave_runner_info{version="1.2.3",hostname="box"}')).toBe(1);
  });

  test("has the process metrics unless they are switched off, and one set of them for several runners", async () => {
    const [one, other] = [
      await openMetrics({ disableDefaultMetrics: false }),
      await openMetrics({ disableDefaultMetrics: false }),
    ];
    for (const metrics of [one, other]) {
      const exposition = await metrics.render();
      expect(exposition).toMatch(/^process_resident_memory_bytes \d+/m);
      expect(exposition).toMatch(/^nodejs_eventloop_lag_seconds /m);
    }
    expect(await (await openMetrics()).render()).not.toMatch(/^(process|nodejs)_/m);
    expect(one.contentType).toBe("text/plain; version=0.0.4; charset=utf-8");
  });

  test("an entry's other keys are no labels", async () => {
    const entry = { ...github, options: { token: "secret-token" } };
    const metrics = await openMetrics({ pulls: [entry] });
    metrics.pull.runStarted(entry);
    expect(await metrics.render()).not.toContain("secret-token");
  });
});

describe("counting", () => {
  test("each event of a webhook goes to its series", async () => {
    const metrics = await openMetrics();
    const observer = metrics.webhookObserver(slack);
    for (const [status, outcome] of [
      [200, "fresh"],
      [200, "duplicate"],
      [401, "responded"],
      [500, "failed"],
      [503, "unavailable"],
      [413, "not_taken"],
    ] as const) {
      observer.received();
      observer.answered(status, 30, outcome);
    }
    observer.received();
    const values = samples(await metrics.render());
    const value = (name: string) => values.get(`statewave_runner_${name}`);
    expect(value(`push_deliveries_total{${push}}`)).toBe(7);
    expect([200, 401, 413, 500, 503].map((status) => value(`push_responses_total{${push},status="${status}"}`))).toEqual([
      2, 1, 1, 1, 1,
    ]);
    expect(value(`push_handler_errors_total{${push}}`)).toBe(1);
    expect(value(`push_delivery_duration_seconds_bucket{le="0.025",${push}}`)).toBe(0);
    expect(value(`push_delivery_duration_seconds_bucket{le="0.05",${push}}`)).toBe(6);
    expect(["fresh", "duplicate", "unavailable"].map((outcome) => value(`inbox_events_total{outcome="${outcome}"}`))).toEqual([
      1, 1, 1,
    ]);
  });

  test("each event of a pull goes to its series", async () => {
    const metrics = await openMetrics();
    await exercise(metrics);
    const values = samples(await metrics.render());
    const value = (name: string) => values.get(`statewave_runner_${name}`);
    expect(value(`pull_ticks_total{${all}}`)).toBe(1);
    expect(value(`pull_episodes_emitted_total{${all}}`)).toBe(7);
    expect(value(`pull_episodes_ingested_total{${all}}`)).toBe(6);
    expect(value(`pull_errors_total{${all},reason="ingest"}`)).toBe(1);
    expect(value(`pull_dues_total{${all},outcome="skipped"}`)).toBe(3);
    expect(value(`pull_sync_duration_seconds_sum{${all}}`)).toBe(2);
    expect(value(`skipped_items_total{${all},reason="too_large"}`)).toBe(2);
    expect(value(`failed_items_total{${all}}`)).toBe(4);
    expect(value('inbox_events_total{outcome="retry"}')).toBe(1);
    expect(value('sink_requests_total{status="201"}')).toBe(1);
    expect(value('sink_batch_size_bucket{le="50"}')).toBe(1);
  });

  test("a reason that is no short word becomes no label", async () => {
    const metrics = await openMetrics();
    for (const reason of ["Alice's file.md", "x".repeat(65), "", '"}\n']) metrics.inbox.itemsSkipped(slack, reason, 1);
    const values = samples(await metrics.render());
    expect(values.get(`statewave_runner_skipped_items_total{${push},reason="other"}`)).toBe(4);
  });
});

describe("what is looked at during a scrape", () => {
  const idle = {
    ready: true,
    sinkUp: true,
    foreignCursors: 0,
    watches: [],
    schedulesArmed: 2,
    receiversMounted: 3,
    stores: [],
    pulls: [],
    pushes: [],
    sources: [],
    paused: [],
  };
  const stats: InboxStats = {
    depth: 4,
    bytes: 10,
    oldestAcceptedAtMs: 0,
    deadLetters: [{ source: slack, type: "event", count: 5 }],
  };

  async function watched(overrides: Partial<Watched> = {}) {
    const clock = new FakeClock(60_000);
    const metrics = await openMetrics();
    const states: SourceState[] = [{ source: github, cursor: "c", updatedAtMs: 30_000, epoch: 1 }];
    const unwatch = metrics.watch({
      clock,
      inboxStats: async () => stats,
      sourceStates: async () => states,
      now: () => idle,
      ...overrides,
    });
    return { clock, metrics, unwatch };
  }

  test("shows when a source is due, how far dues are apart, whether it runs, and when a webhook arrived last", async () => {
    const { metrics, unwatch } = await watched({
      now: () => ({
        ...idle,
        pulls: [{ source: github, nextDueMs: 90_000, intervalMs: 30_000, running: true }],
        pushes: [{ source: slack, arrivedAtMs: 59_000 }],
      }),
    });
    const values = samples(await metrics.render());
    const value = (name: string) => values.get(`statewave_runner_${name}`);
    expect(value(`pull_next_due_timestamp_seconds{${all}}`)).toBe(90);
    expect(value(`pull_interval_seconds{${all}}`)).toBe(30);
    expect(value(`pull_running{${all}}`)).toBe(1);
    expect(value(`push_last_delivery_timestamp_seconds{${push}}`)).toBe(59);
    unwatch();
    expect(await metrics.render()).not.toMatch(/pull_(next_due|running|interval)\w*\{/);
  });

  test("shows a last sync that the store knows of, after a restart or from another process, and a later one of its own", async () => {
    const states = [{ source: github, cursor: "c", updatedAtMs: 30_000, finishedDueMs: 45_000, epoch: 1 }];
    const pulls = [{ source: github, nextDueMs: 90_000, intervalMs: 30_000, running: false }];
    const { metrics } = await watched({ sourceStates: async () => states, now: () => ({ ...idle, pulls }) });
    const lastSync = async () => samples(await metrics.render()).get(`statewave_runner_pull_last_sync_timestamp_seconds{${all}}`);
    expect(await lastSync()).toBe(45);
    metrics.pull.runEnded(github, 100, 61_000);
    expect(await lastSync()).toBe(61);
  });

  test("shows the sources of which something is known and those that are paused, an entry of each direction by itself", async () => {
    let sources: ReturnType<Watched["now"]>["sources"] = [];
    const { metrics, unwatch } = await watched({ now: () => ({ ...idle, sources, paused: sources.slice(1) }) });
    expect(await metrics.render()).not.toMatch(/statewave_runner_(source_up|paused)\{/);
    sources = [
      { source: github, direction: "pull", up: true },
      { source: github, direction: "push", up: false },
    ];
    const values = samples(await metrics.render());
    expect(values.get(`statewave_runner_source_up{${all},direction="pull"}`)).toBe(1);
    expect(values.get(`statewave_runner_source_up{${all},direction="push"}`)).toBe(0);
    expect(values.get(`statewave_runner_paused{${all},direction="push"}`)).toBe(1);
    unwatch();
    expect(await metrics.render()).not.toContain("statewave_runner_source_up{");
  });

  test("is shown as it is at that moment", async () => {
    const { metrics } = await watched();
    const values = samples(await metrics.render());
    const value = (name: string) => values.get(`statewave_runner_${name}`);
    expect(["ready", "sink_up", "schedules_armed", "push_receivers_mounted", "inbox_depth"].map(value)).toEqual([1, 1, 2, 3, 4]);
    expect(value("inbox_oldest_age_seconds")).toBe(60);
    expect(value(`pull_cursor_age_seconds{${all}}`)).toBe(30);
    expect(value(`dead_letters{${push},type="event"}`)).toBe(5);
    expect(value(`dead_letters{${push},type="episode"}`)).toBe(0);
    expect(value(`dead_letters{${all},type="episode"}`)).toBe(0);
  });

  test("an empty inbox has an oldest age of 0", async () => {
    const { metrics } = await watched({ inboxStats: async () => ({ depth: 0, bytes: 0, deadLetters: [] }) });
    expect(samples(await metrics.render()).get("statewave_runner_inbox_oldest_age_seconds")).toBe(0);
  });

  test("a cursor that was never stored, or whose source is no longer configured, has no age", async () => {
    const states = [
      { source: github, epoch: 1 },
      { source: { kind: "github", name: "gone" }, cursor: "c", updatedAtMs: 0, epoch: 1 },
    ];
    const { metrics } = await watched({ sourceStates: async () => states });
    expect(await metrics.render()).not.toContain("cursor_age_seconds{");
  });

  test("a store that hangs costs a scrape two seconds and its own series, and gets no further request meanwhile", async () => {
    let asked = 0;
    const answer = Promise.withResolvers<InboxStats>();
    const inboxStats = () => {
      asked += 1;
      return asked === 1 ? Promise.resolve(stats) : answer.promise;
    };
    const { clock, metrics } = await watched({ inboxStats });
    expect(await metrics.render()).toContain("\nstatewave_runner_inbox_depth 4\n");
    for (let scrape = 0; scrape < 3; scrape++) {
      const rendering = metrics.render();
      await clock.advance(2_000);
      const exposition = await rendering;
      expect(exposition).not.toMatch(/^statewave_runner_(inbox_depth|inbox_oldest_age_seconds|dead_letters\{.*) /m);
      expect(exposition).toContain("cursor_age_seconds{");
    }
    expect([asked, clock.pending]).toEqual([2, 0]);
    answer.resolve({ ...stats, depth: 9 });
    expect(await metrics.render()).toContain("\nstatewave_runner_inbox_depth 9\n");
  });

  test("a store that fails costs only its own series", async () => {
    const { metrics } = await watched({
      inboxStats: () => Promise.reject(new Error("closed")),
      sourceStates: () => {
        throw new Error("closed");
      },
    });
    const exposition = await metrics.render();
    expect(exposition).not.toMatch(/^statewave_runner_inbox_depth /m);
    expect(exposition).toContain("\nstatewave_runner_ready 1\n");
  });

  test("is not looked at any more when the runner has stopped, which is then not ready", async () => {
    const { metrics, unwatch } = await watched();
    await metrics.render();
    unwatch();
    const values = samples(await metrics.render());
    expect([values.get("statewave_runner_ready"), values.get("statewave_runner_schedules_armed")]).toEqual([0, 0]);
  });
});

/** Makes every series show a sample. */
async function exercise(metrics: Awaited<ReturnType<typeof createMetrics>>): Promise<void> {
  metrics.pull.due(github, "skipped", 3);
  metrics.pull.runStarted(github);
  metrics.pull.episodesEmitted(github, 7);
  metrics.pull.episodesIngested(github, 6);
  metrics.pull.itemsSkipped(github, "too_large", 2);
  metrics.pull.itemsFailed(github, 4);
  metrics.pull.runFailed(github, "ingest", new ConnectorsError({ code: "PULL_ACCOUNT_WRONG", message: "no" }));
  metrics.pull.runEnded(github, 2_000, 1_000);
  metrics.inbox.settled(slack, "retry");
  metrics.sinkRequest({ status: "201", durationMs: 20, items: 50 });
  metrics.delivery.stageEnded?.("delivered", 2);
  metrics.compileObserver().request("more");
  metrics.noticeObserver(["ops"]);
  metrics.forgottenObserver({ deadLettersMs: 1 })("dead_letters", 3);
  metrics.notFound();
  const observer = metrics.webhookObserver(slack);
  observer.answered(200, 5, "responded", { ignored: "not_wanted", event: "issues.labeled" });
  observer.received();
  observer.answered(200, 1, "fresh");
  const states = [{ source: github, cursor: "c", updatedAtMs: 0, epoch: 1 }];
  metrics.watch({
    clock: new FakeClock(),
    inboxStats: async () => ({ depth: 0, bytes: 0, deadLetters: [] }),
    sourceStates: async () => states,
    now: () => ({
      ready: true,
      sinkUp: true,
      foreignCursors: 0,
      watches: [{ source: { kind: "github", name: "main" }, expiresAtMs: 1_800_000_000_000 }],
      schedulesArmed: 1,
      receiversMounted: 1,
      stores: [{ store: "inbox", writable: true, certificateExpiresAtMs: 1_800_000_000_000 }],
      pulls: [{ source: github, nextDueMs: 60_000, intervalMs: 30_000, running: true }],
      pushes: [{ source: slack, arrivedAtMs: 5_000 }],
      sources: [{ source: github, direction: "pull", up: true }],
      paused: [{ source: github, direction: "pull" }],
    }),
  });
}

test("names of ignored events that are not the provider's fixed words, and too many of them, count as other", async () => {
  const metrics = await openMetrics();
  const observer = metrics.webhookObserver(github);
  for (let at = 0; at < 300; at += 1) observer.answered(200, 1, "responded", { ignored: "not_wanted", event: `event_${at}` });
  observer.answered(200, 1, "responded", { ignored: "not_wanted", event: "a sentence" });
  observer.answered(200, 1, "responded", { ignored: "not_wanted" });
  const exposition = await metrics.render();

  expect(exposition.match(/^statewave_runner_push_ignored_total\{/gm)).toHaveLength(202);
  expect(exposition).toMatch(/push_ignored_total\{[^}]*event="other"\} 101$/m);
  expect(exposition).toMatch(/push_ignored_total\{[^}]*event=""\} 1$/m);
});
