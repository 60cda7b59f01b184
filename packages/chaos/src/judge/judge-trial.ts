import { parseConfig } from "@statewave-connectors/config";
import { selectInbox, selectPullCursorStore } from "@statewave-connectors/runner";
import type { Fleet } from "../fleet.ts";
import { pageMarker } from "../load/connector.ts";
import type { WebhookSender } from "../load/webhook-sender.ts";
import type { TrialPlace } from "../place/trial-place.ts";
import type { ChaosCounts, ChaosReport } from "../report.ts";
import { reconcile } from "./account.ts";
import { checkJournal } from "./check-journal.ts";
import { findViolations } from "./find-violations.ts";
import { summarize } from "./summarize.ts";
import type { TrialRecord } from "./trial-record.ts";

export interface JudgedTrial {
  readonly place: TrialPlace;
  readonly folder: string;
  readonly baseDir: string;
  readonly resolveFrom: readonly string[];
  readonly record: TrialRecord;
  readonly sender: WebhookSender;
  readonly fleet: Fleet;
  /** What had not come to an end in time. */
  readonly standing: readonly string[];
  /** Which processes SIGTERM did not end in time, a sentence each. */
  readonly unstopped: readonly string[];
  readonly leaseTtlMs: number;
  readonly endMs: number;
}

/** Holds what lies in the store and in the sink against the promises, once no process runs any more. */
export async function judgeTrial(
  trial: JudgedTrial,
): Promise<Pick<ChaosReport, "passed" | "counts" | "violations" | "notTested">> {
  const { record, sender, fleet, place, standing, unstopped, leaseTtlMs, endMs } = trial;
  const { cursors, deadLetters, left } = await lookIntoState(trial);
  const { stored, pages } = record;
  const { leases } = record.leases;
  const { disturbances } = fleet;
  const owed = new Set(sender.acknowledged);
  for (const [source, cursor] of cursors)
    for (let page = 1; page <= Number(cursor); page += 1) owed.add(pageMarker(source, page));
  const account = reconcile(stored, { owed, possible: [...sender.possible, ...pages] });
  const journal = checkJournal({ leases, disturbances, ttlMs: leaseTtlMs, finalCursors: cursors, endMs });
  const summary = summarize(leases, disturbances);
  const counts: ChaosCounts = {
    webhooksSent: sender.sent,
    webhooksAcknowledged: sender.acknowledged.size,
    pagesRead: pages.size,
    stored: stored.length,
    deadLetters,
    leases: summary.leases,
    duesFinished: summary.finished,
    resumed: summary.resumed,
    checkpoints: summary.checkpoints,
    checkpointsRefused: summary.refused,
  };
  const violations = [
    ...findViolations(journal, account),
    ...standing.map((found) => ({ promise: "everything continues when the disturbances end", found })),
    ...fleet.endedByItself.map((found) => ({ promise: "a process runs until it is stopped", found })),
    ...unstopped.map((found) => ({ promise: "a process ends within half a minute of SIGTERM", found })),
    ...(deadLetters > 0 ? [{ promise: "an outage makes no dead letters", found: `${deadLetters} dead letters` }] : []),
    ...(left > 0 ? [{ promise: "the inbox is empty when everything has arrived", found: `${left} events wait` }] : []),
  ];
  return { passed: violations.length === 0, counts, violations, notTested: notTested(place, counts) };
}

function notTested({ server }: TrialPlace, { resumed }: ChaosCounts): readonly string[] {
  return [
    ...("host" in server ? [] : [`no connection to the store was cut: ${server.unreachedBy}`]),
    ...(resumed === 0 ? ["no run was cut off in its middle, so none was resumed: let the trial last longer"] : []),
  ];
}

/** Opens the state as the runners had it. */
async function lookIntoState({ place, folder, baseDir, resolveFrom }: JudgedTrial) {
  const input = { statewave: { url: "stdout:" }, runner: { state_dir: folder, ...place.tables() } };
  const { config } = await parseConfig(input, { baseDir, resolveFrom });
  const where = { runner: config.runner, baseDir, resolveFrom };
  const store = await selectPullCursorStore(where);
  const inbox = await selectInbox(where).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  try {
    const states = await store.list();
    const { deadLetters, depth } = await inbox.stats();
    return {
      cursors: new Map(states.flatMap(({ source, cursor }) => (cursor === undefined ? [] : [[source.name, cursor] as const]))),
      deadLetters: deadLetters.reduce((sum, { count }) => sum + count, 0),
      left: depth,
    };
  } finally {
    await Promise.all([store.close(), inbox.close()]);
  }
}
