/**
 * What a scrape of many sources costs the built program: size, time, and the longest time that it holds the event loop:
 * node --conditions=@statewave-connectors/source bench/metrics.ts [sources] [all|unhealthy] [per_source_histograms: true|false]
 *
 * Each source has run once and none runs meanwhile, so that what is measured is the scrape. Beside each scrape an idle
 * process measures its own event loop, which is what the machine holds up. Fails when the compressed exposition is larger than 1.5 MB, or
 * when a scrape holds the loop for more than 50 ms beyond that: in the median of the scrapes, because the machine does not hold up both at once.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describeMachine } from "./lib/machine.ts";
import { IdleLoop } from "./lib/idle-loop.ts";
import { median } from "./lib/pairs.ts";
import { type RunnerProcess, startRunner, startStatewave, sumOf } from "./lib/runner-process.ts";

const [sourcesText = "10000", perSource = "all", histograms = "false"] = process.argv.slice(2);
const sources = Number(sourcesText);
const scrapes = 5;
const mostCompressedBytes = 1_500_000;
const mostHeldMs = 50;
const mostStartMs = 10 * 60_000;
/** How often the program looks whether its event loop turns: what it reports at rest. */
const resolutionMs = 10;

const connector = fileURLToPath(new URL("processes/ticks-connector.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "bench-metrics-"));

function configOf(statewaveUrl: string, schedule: string): string {
  const head = `max_concurrent_syncs = 64\n\n[runner.state]\nkind = "file"\npath = "${join(folder, "cursors.json")}"\n\n[runner.metrics]\nper_source = "${perSource}"\nper_source_histograms = ${histograms}\n\n[statewave]\nurl = "${statewaveUrl}"\n\n[connectors]\nticks = "${connector}"\n\n`;
  const entries = Array.from({ length: sources }, (_, at) => `[[pull.ticks]]\nname = "s${at}"\nschedule = "${schedule}"\n`);
  return head + entries.join("\n");
}

/** A schedule with one due in this year. */
function onceAt(due: Date): string {
  return `${due.getUTCMinutes()} ${due.getUTCHours()} ${due.getUTCDate()} ${due.getUTCMonth() + 1} *`;
}

async function haveAllRun(started: RunnerProcess): Promise<boolean> {
  const exposition = await started.metrics();
  const ended = sumOf(exposition, "statewave_runner_pull_sync_duration_seconds_count");
  return ended >= sources && sumOf(exposition, "statewave_runner_pull_running") === 0;
}

/** A scrape as Prometheus makes it. */
function scrape(port: number): Promise<{ readonly bytes: Buffer; readonly encoding: string | undefined; readonly ms: number }> {
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const request = get({ host: "127.0.0.1", port, path: "/metrics", headers: { "accept-encoding": "gzip" } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const encoding = response.headers["content-encoding"];
        resolve({ bytes: Buffer.concat(chunks), encoding, ms: performance.now() - startedMs });
      });
    });
    request.once("error", reject);
  });
}

/** A gauge or counter without labels. */
function valueOf(exposition: string, name: string): number {
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(exposition)?.[1]);
}

console.log(describeMachine());
const statewave = await startStatewave(0);
const dueAtMs = Math.ceil(Date.now() / 60_000 + 0.5) * 60_000;
const runner = await startRunner({ toml: configOf(statewave.url, onceAt(new Date(dueAtMs))), quiet: true });
await sleep(dueAtMs - Date.now());
for (const deadlineMs = Date.now() + mostStartMs; !(await haveAllRun(runner)); await sleep(5_000)) {
  if (Date.now() < deadlineMs) continue;
  await Promise.all([runner.stop(), statewave.stop()]);
  throw new Error(`not every source has run within ${mostStartMs / 60_000} minutes`);
}
console.log(`${sources} sources, per_source = "${perSource}", per_source_histograms = ${histograms}`);
await sleep(5_000);

let isSmall = true;
const heldByScrapeMs: number[] = [];
const idle = await IdleLoop.start(resolutionMs);
// The first scrape begins to look at the event loop; the figure of each is in the next one.
await scrape(runner.port);
await idle.heldMs();
for (let at = 0; at <= scrapes; at += 1) {
  await sleep(1_000);
  const cpuBeforeMs = await runner.cpuMs();
  const { bytes, encoding, ms } = await scrape(runner.port);
  const cpuMs = (await runner.cpuMs()) - cpuBeforeMs;
  const exposition = (encoding === "gzip" ? gunzipSync(bytes) : bytes).toString();
  const series = exposition.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length;
  const heldMs = valueOf(exposition, "nodejs_eventloop_lag_max_seconds") * 1_000 - resolutionMs;
  const idleMs = await idle.heldMs();
  const size = `${series} series, ${(exposition.length / 1e6).toFixed(1)} MB, ${(bytes.length / 1e6).toFixed(2)} MB compressed`;
  const held = `event loop held for at most ${heldMs.toFixed(0)} ms, that of an idle process for ${idleMs.toFixed(0)} ms`;
  console.log(`${size}; ${ms.toFixed(0)} ms, ${cpuMs.toFixed(0)} ms CPU; ${held}`);
  isSmall &&= bytes.length <= mostCompressedBytes;
  heldByScrapeMs.push(Math.max(0, heldMs - idleMs));
}
idle.stop();
const heldMs = median(heldByScrapeMs);
console.log(`a scrape holds the event loop for ${heldMs.toFixed(0)} ms more than the machine does, in the median`);
console.log(`${(await runner.rssMebibytes()).toFixed(0)} MiB`);
await runner.stop();
await statewave.stop();
rmSync(folder, { recursive: true, force: true });
if (!isSmall || heldMs > mostHeldMs) {
  console.error(
    `FAILED: more than ${mostCompressedBytes / 1e6} MB compressed, or the event loop held for more than ${mostHeldMs} ms`,
  );
  process.exitCode = 1;
}
