import { setImmediate as nextTurn } from "node:timers/promises";
import { type ConnectorsConfig, parseSchedule } from "@statewave-connectors/config";
import {
  type CheckResult,
  ConnectorsError,
  defineConnector,
  type PullSource,
  Secret,
  type SourceHealth,
} from "@statewave-connectors/connector-sdk";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, onTestFinished, test } from "vitest";
import { createRunner } from "../../src/create-runner.ts";
import type { RunnerOptions } from "../../src/runner.ts";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { keepingLogger } from "./logging.ts";

/** A schema that takes every entry. */
const anything = { "~standard": { version: 1 as const, vendor: "test", validate: (value: unknown) => ({ value }) } };

const lost: SourceHealth = { ok: false, code: "DEMO_GONE", message: "the app was uninstalled from T1", hint: "install it again" };
const unauthorized = new ConnectorsError({ code: "DEMO_UNAUTHORIZED", message: "401 it said", hint: "replace `token`" });

interface World {
  readonly check?: PullSource["check"];
  readonly pages?: () => void;
  readonly cursorStore?: CursorStore;
}

/** A runner on a clock that stands still, with a pull that is due once a year and is the twin of a receiver which reports what is posted to it. */
async function started({ check, pages = () => undefined, cursorStore }: World = {}) {
  const clock = new FakeClock();
  const { logger, lines } = keepingLogger();
  const connector = defineConnector({
    kind: "demo",
    version: "1.0.0",
    pull: {
      config: anything,
      open: () => ({
        async *pages() {
          pages();
          yield { episodes: [], cursor: "1" };
        },
        ...(check === undefined ? {} : { check }),
      }),
    },
    push: {
      config: anything,
      open: (_, { reportHealth }) => ({
        receive({ body }) {
          reportHealth(JSON.parse(Buffer.from(body).toString()) as SourceHealth);
          return { type: "respond", response: { status: 200 } };
        },
        async *pages() {},
      }),
    },
  });
  const options = { config: configOf(), connectors: new Map([["demo", connector]]), clock, logger };
  const runner = await createRunner({
    ...(options as RunnerOptions),
    ...(cursorStore === undefined ? {} : { cursorStore }),
    ingest: async () => undefined,
    disableDefaultMetrics: true,
  });
  await runner.start();
  onTestFinished(async () => {
    const stopped = runner.stop();
    for (let turn = 0; turn < 50; turn += 1) await clock.advance(20);
    await stopped;
  });
  const get = async (path: string) => fetch(`${runner.describe().adminUrl}${path}`);
  return {
    clock,
    lines,
    runner,
    readiness: async () => {
      const response = await get("/readyz");
      const { sources } = (await response.json()) as { sources: unknown };
      return { status: response.status, sources };
    },
    store: async () => ((await (await get("/readyz")).json()) as { store: unknown }).store,
    up: async () =>
      [...(await (await get("/metrics")).text()).matchAll(/^statewave_runner_source_up\{(.*)\} (\d)$/gm)].map(
        ([, labels, value]) => `${labels} ${value}`,
      ),
    report: async (health: SourceHealth) => {
      await fetch(`${runner.describe().url}/demo/hook/events`, { method: "POST", body: JSON.stringify(health) });
    },
    pass: async (durationMs: number) => {
      await clock.advance(durationMs);
      for (let turn = 0; turn < 50; turn += 1) {
        await clock.advance(0);
        await nextTurn();
      }
    },
  };
}

function configOf(): ConnectorsConfig {
  const schedule = parseSchedule("0 0 1 7 *", { timezone: "UTC", key: "demo/repo" });
  return {
    path: "/nowhere/statewave-connectors.toml",
    baseDir: "/nowhere",
    statewave: { url: "stdout:", apiKey: new Secret("hush-hush"), tenantHeader: "X-Tenant-ID", maxInFlight: 2, lingerMs: 0 },
    runner: {
      host: "127.0.0.1",
      port: 0,
      stateDir: "/nowhere/state",
      logFormat: "json",
      logLevel: "info",
      timezone: "UTC",
      drainTimeoutMs: 5_000,
      syncTimeoutMs: 60_000,
      maxConcurrentSyncs: 8,
      maxBodyBytes: 1_024,
      hideMounts: true,
      state: { kind: "memory", livesIn: "process", options: {} },
      inbox: { kind: "memory", livesIn: "process", dedupWindowMs: 60_000, maxDepth: 100, options: {} },
      metrics: { path: "/metrics", auth: { kind: "none" }, perSource: "all" },
      admin: { listen: { host: "127.0.0.1", port: 0 }, allowedHosts: [] },
    },
    pull: [{ kind: "demo", name: "repo", schedule, dryRun: false, catchUp: "once", options: {} }],
    push: [{ kind: "demo", name: "hook", pull: "repo", options: {} }],
    connectorPackages: {},
  };
}

const push = 'kind="demo",name="hook",direction="push"';
const pull = 'kind="demo",name="repo",direction="pull"';

test("a source without any known state is reported as such, and has no sample in the metrics", async () => {
  const { readiness, runner, up } = await started();
  expect(await readiness()).toEqual({ status: 200, sources: { status: "ok", detail: "none is known to be unhealthy" } });
  expect(runner.describe().pulls[0]?.health).toEqual({ status: "unknown" });
  expect(await up()).toEqual([]);
});

test("what a receiver reports is in /readyz, which stays 200, in the metrics and in describe(), until it reports its recovery", async () => {
  const { clock, readiness, report, runner, up } = await started();
  await report(lost);
  const since = new Date(clock.now()).toISOString();
  const told = { code: "DEMO_GONE", message: "the app was uninstalled from T1", hint: "install it again" };
  expect(await readiness()).toEqual({
    status: 200,
    sources: { status: "degraded", detail: "1 unhealthy", unhealthy: [{ entry: "push demo/hook", since, ...told }] },
  });
  expect(runner.describe().pushes[0]?.health).toEqual({ status: "unhealthy", since, ...told });
  expect(await up()).toEqual([`${push} 0`]);
  await report({ ok: true });
  expect((await readiness()).sources).toMatchObject({ status: "ok" });
  expect(await up()).toEqual([`${push} 1`]);
});

test("the webhook port shows nothing of it", async () => {
  const { report, runner } = await started();
  await report(lost);
  const { url } = runner.describe();
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: "ready" });
  expect((await fetch(`${url}/metrics`)).status).toBe(404);
});

test("the twin of a receiver is read once its source is healthy again", async () => {
  let runs = 0;
  const { pass, report, up } = await started({ pages: () => (runs += 1) });
  await report(lost);
  await pass(60_000);
  expect(runs).toBe(0);
  await report({ ok: true });
  await pass(60_000);
  expect(runs).toBe(1);
  expect(await up()).toEqual(expect.arrayContaining([`${pull} 1`]));
});

test("a check that does not answer delays no start, and what it finds in the end is reported before the first run", async () => {
  const answer = Promise.withResolvers<readonly CheckResult[]>();
  const { pass, readiness, up } = await started({ check: () => answer.promise });
  await pass(10_000);
  expect(await up()).toEqual([]);
  answer.resolve([{ ok: false, message: "it failed", error: unauthorized }]);
  await pass(0);
  expect(await readiness()).toMatchObject({
    status: 200,
    sources: {
      unhealthy: [{ entry: "pull demo/repo", code: "DEMO_UNAUTHORIZED", message: "401 it said", hint: "replace `token`" }],
    },
  });
  expect(await up()).toEqual([`${pull} 0`]);
});

test("a store that is unreachable is reported in /readyz without a configured secret, and again when it is back", async () => {
  const cursorStore = new InMemoryPullCursorStore({ clock: new FakeClock() });
  const { pass, readiness, store } = await started({ cursorStore });
  const answer = cursorStore.get.bind(cursorStore);
  cursorStore.get = () => Promise.reject(new Error("nobody listens at redis://:hush-hush@db"));
  await readiness();
  await pass(0);
  expect((await readiness()).status).toBe(200);
  expect(await store()).toMatchObject({
    status: "degraded",
    detail: "no run can begin: the cursor store failed; the log has the error",
  });
  expect(JSON.stringify(await store())).not.toContain("hush-hush");
  cursorStore.get = answer;
  await readiness();
  await pass(0);
  expect(await store()).toMatchObject({ status: "ok" });
});
