/**
 * Many pull sources over three processes of the built program on one server:
 * node --conditions=@statewave-connectors/source bench/sources.ts <postgres|redis> [minutes] [sources] [slots] [url]
 *
 * Each source is due once a minute and has one new episode then; a fake Statewave takes them. After a warm-up of more than a minute the
 * runs are held against the schedule by what lies in the store: a cursor that counts them, and the last due that was finished. Fails when
 * one was lost or run twice, or when claims cost more than they may. Without a url a throw-away server is started.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describeMachine } from "./lib/machine.ts";
import { type RunnerProcess, startRunner, startStatewave, sumOf } from "./lib/runner-process.ts";
import { isSharedKind, openSharedState, type SharedState } from "./lib/shared-state.ts";
import { type TickAccount, TickAuditor } from "./lib/tick-account.ts";

const [kind, minutes = "2", sourcesText = "10000", slots = "32", givenUrl] = process.argv.slice(2);
if (!isSharedKind(kind)) throw new Error("name the state: postgres or redis");
const sources = Number(sourcesText);
const processes = 3;
const schedule = "every 60s";
const warmUpMs = 75_000;
const lookEveryMs = 20_000;
/** A claim in 100 ms, and some renewals. */
const mostClaimsPerSecond = 10.5;

const connector = fileURLToPath(new URL("processes/ticks-connector.ts", import.meta.url));

function configOf(statewaveUrl: string, state: string): string {
  const entries = Array.from({ length: sources }, (_, index) => `[[pull.ticks]]\nname = "s${index}"\nschedule = "${schedule}"\n`);
  return `max_concurrent_syncs = ${slots}\n\n${state}\n[runner.inbox]\nkind = "memory"\n\n[statewave]\nurl = "${statewaveUrl}"\n\n[connectors]\nticks = "${connector}"\n\n${entries.join("\n")}`;
}

interface Reading {
  readonly atMs: number;
  readonly statements: number;
  readonly ticks: number;
  readonly cpuMs: readonly number[];
  readonly scrapes: readonly string[];
}

async function read(state: SharedState, runners: readonly RunnerProcess[]): Promise<Reading> {
  const scrapes: string[] = [];
  // A scrape of so many sources keeps its process busy; not all at the same time, as they would not be in life.
  for (const runner of runners) scrapes.push(await runner.metrics());
  const cpuMs = await Promise.all(runners.map((runner) => runner.cpuMs()));
  return { ...(await state.count()), atMs: performance.now(), cpuMs, scrapes };
}

/** Dues as the processes counted them between two readings. */
function duesBetween(before: Reading, after: Reading, outcome: string): readonly number[] {
  const count = (scrape = "") => sumOf(scrape, "statewave_runner_pull_dues_total", `outcome="${outcome}"`);
  return after.scrapes.map((scrape, index) => count(scrape) - count(before.scrapes[index]));
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

function report(before: Reading, after: Reading, account: TickAccount, rss: readonly number[]): boolean {
  const seconds = (after.atMs - before.atMs) / 1_000;
  const [run, skipped, missed] = ["run", "skipped", "missed"].map((outcome) => duesBetween(before, after, outcome)) as [
    readonly number[],
    readonly number[],
    readonly number[],
  ];
  const perProcess = (after.statements - before.statements) / processes / seconds;
  // A run stores one page and is released; the rest is claims, and a renewal in ten seconds.
  const claims = perProcess - (2 * (after.ticks - before.ticks)) / processes / seconds;
  const { p50, p99, max, of } = account.latenessMs;
  console.log(
    `${seconds.toFixed(0)} s, ${sources} sources "${schedule}" over ${processes} processes with ${slots} slots each on ${kind}`,
  );
  console.log(`in the store: ${account.dues} dues, ${account.ticks} ticks, ${account.lost} lost, ${account.repeated} repeated`);
  console.log(`as counted: ${run.join(" + ")} run, ${sum(skipped)} skipped, ${sum(missed)} missed`);
  console.log(`from due to stored: p50 ${p50}  p99 ${p99}  longest ${max} ms (${of} ticks looked at)`);
  console.log(`statements per process and second: ${perProcess.toFixed(1)}, of these claims and renewals ${claims.toFixed(1)}`);
  for (const [index, mebibytes] of rss.entries()) {
    const cpu = (after.cpuMs[index]! - before.cpuMs[index]!) / 1_000;
    console.log(
      `process ${index + 1}: ${cpu.toFixed(1)} s CPU (${((cpu / seconds) * 100).toFixed(0)} %), ${mebibytes.toFixed(0)} MiB`,
    );
  }
  return account.lost + account.repeated + sum(missed) + sum(skipped) === 0 && claims <= mostClaimsPerSecond;
}

async function startServer(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  if (givenUrl !== undefined) return { url: givenUrl, stop: async () => undefined };
  const name = kind === "postgres" ? "startPostgres" : "startRedis";
  const module: Record<string, () => Promise<{ url: string; stop(): Promise<void> }>> = await import(
    new URL(`../scripts/test-services/${kind}.mjs`, import.meta.url).href
  );
  return module[name]!();
}

console.log(describeMachine());
const server = await startServer();
const state = await openSharedState(kind, server.url);
const statewave = await startStatewave(0);
const toml = configOf(statewave.url, state.toml);
const runners = await Promise.all(Array.from({ length: processes }, () => startRunner({ toml, quiet: true })));
console.log(`ready after ${runners.map(({ readyMs }) => (readyMs / 1_000).toFixed(1)).join(", ")} s; warming up`);
await sleep(warmUpMs);

const auditor = new TickAuditor(state.store, sources, schedule);
await auditor.open();
const before = await read(state, runners);
for (const endMs = before.atMs + Number(minutes) * 60_000; performance.now() < endMs; await sleep(lookEveryMs))
  await auditor.look();
const account = await auditor.close();
const after = await read(state, runners);
const isGood = report(before, after, account, await Promise.all(runners.map((runner) => runner.rssMebibytes())));

await Promise.all(runners.map((runner) => runner.stop()));
await statewave.stop();
await state.close();
await server.stop();
if (!isGood) {
  console.error("FAILED: a tick was lost, repeated, missed or skipped, or claims cost more than one statement in 100 ms");
  process.exitCode = 1;
}
