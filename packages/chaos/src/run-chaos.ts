import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { ConnectorsConfig } from "@statewave-connectors/config";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { Disturber } from "./disturb.ts";
import { judgeTrial } from "./judge/judge-trial.ts";
import { TrialRecord } from "./judge/trial-record.ts";
import { WebhookSender } from "./load/webhook-sender.ts";
import { choosePlace } from "./place/choose-place.ts";
import { clearPlace } from "./place/clear-place.ts";
import type { TrialPlace } from "./place/trial-place.ts";
import { planDisturbances } from "./plan-disturbances.ts";
import type { ChaosReport } from "./report.ts";
import { startTrial } from "./start-trial.ts";
import { waitUntilSettled } from "./wait-until-settled.ts";

export interface ChaosRequest {
  /** Of the operator; only its state and inbox are used. */
  readonly config: ConnectorsConfig;
  /** Where packages of stores and inboxes are looked for, besides the configuration's own folder. */
  readonly resolveFrom: readonly string[];
  /** The same seed plans the same disturbances. */
  readonly seed: number;
  /** How long disturbances come; the end takes up to two minutes more. */
  readonly durationMs: number;
  /** Leaves everything where it is. */
  readonly keep: boolean;
  /** Called with what happens, one short line each. */
  readonly onProgress: (text: string) => void;
}

const sources = 20;
/** Short, so that a run is often resumed by another process. */
const leaseTtlMs = 4_000;

/**
 * Runs the product on the operator's own disk or store, disturbs it, and holds what was stored against the promises. Rejects with
 * `CHAOS_PLACE_USED` or `CHAOS_STATE_UNSUPPORTED` before anything was written, and with the signal's reason when it is aborted.
 */
export async function runChaos(request: ChaosRequest, signal: AbortSignal): Promise<ChaosReport> {
  const { config, keep, onProgress } = request;
  const place = choosePlace(config);
  // Before the claim: a place that was claimed for nothing would refuse every later trial.
  const folder = await mkdtemp(join(tmpdir(), "statewave-chaos-"));
  await place.claim().catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  let isKept = keep;
  try {
    const report = await runTrial(request, place, folder, signal);
    isKept ||= !report.passed;
    return isKept ? { ...report, keptIn: folder } : report;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    // Logs and journal of a trial that failed show why.
    if (!isKept) await rm(folder, { recursive: true, force: true });
    if (!keep) await clearPlace(place, onProgress);
  }
}

async function runTrial(request: ChaosRequest, place: TrialPlace, folder: string, signal: AbortSignal): Promise<ChaosReport> {
  const { seed, durationMs, onProgress, config } = request;
  const [baseDir = folder, ...others] = config.runner.packageFolders ?? [config.baseDir, process.cwd()];
  const resolveFrom = [...others, ...request.resolveFrom];
  const startedMs = performance.now();
  onProgress(`starting ${place.processes === 1 ? "one process" : `${place.processes} processes`} on ${place.name}; seed ${seed}`);
  const trial = await startTrial({ place, folder, baseDir, resolveFrom, seed, sources, leaseTtlMs });
  try {
    const { fleet, sinkProxy, storeProxy, sinkUrl, secret } = trial;
    const record = new TrialRecord(folder);
    const urls = () => fleet.healthy.flatMap(({ url }) => (url === undefined ? [] : [url]));
    const sender = new WebhookSender({ secret, urls, random: seededRandom(seed + 1) });
    const disturber = new Disturber({ fleet, storeProxy, sinkProxy, sinkUrl, onDisturbance: onProgress });
    const plan = planDisturbances({
      random: seededRandom(seed),
      leaseTtlMs,
      reachesStore: storeProxy !== undefined,
      longestStepMs: place.longestStepMs,
    });
    const isOver = AbortSignal.any([signal, AbortSignal.timeout(durationMs)]);
    await Promise.all([sender.send(isOver), disturber.follow(plan, isOver), readAlong(record, isOver)]);
    signal.throwIfAborted();

    onProgress("no more disturbances; waiting until everything has arrived");
    const standing = await waitUntilSettled({ fleet, sender, record, sources }, signal);
    const endMs = Date.now();
    const unstopped = await fleet.stop();
    record.readNew();
    const judged = { place, folder, baseDir, resolveFrom, record, sender, fleet, standing, unstopped, leaseTtlMs, endMs };
    const found = await judgeTrial(judged);
    const base = { seed, place: place.name, processes: place.processes, durationMs: Math.round(performance.now() - startedMs) };
    return { ...base, disturbances: disturber.counts, ...found };
  } finally {
    await trial.end();
  }
}

const readEveryMs = 1_000;

/** Reads what the processes write while they write it: an hour of it would be much at once. */
async function readAlong(record: TrialRecord, isOver: AbortSignal): Promise<void> {
  while (!isOver.aborted) {
    record.readNew();
    await pause(readEveryMs, undefined, { signal: isOver }).catch(() => undefined);
  }
}
