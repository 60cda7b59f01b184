import type { ChaosReport } from "@statewave-connectors/chaos";
import { counted } from "../../terminal/counted.ts";
import { formatTable } from "../../terminal/format-table.ts";

/** A report as it is printed with `--json`. */
export function chaosJson(report: ChaosReport) {
  const { counts, disturbances } = report;
  return {
    passed: report.passed,
    seed: report.seed,
    place: report.place,
    processes: report.processes,
    duration_ms: report.durationMs,
    disturbances: {
      kills: disturbances.kills,
      pauses: disturbances.pauses,
      wrong_clocks: disturbances.clockSteps,
      store_outages: disturbances.storeOutages,
      sink_outages: disturbances.sinkOutages,
      sink_faults: disturbances.sinkFaults,
    },
    counts: {
      webhooks_sent: counts.webhooksSent,
      webhooks_acknowledged: counts.webhooksAcknowledged,
      pages_read: counts.pagesRead,
      stored: counts.stored,
      dead_letters: counts.deadLetters,
      leases: counts.leases,
      dues_finished: counts.duesFinished,
      resumed: counts.resumed,
      checkpoints: counts.checkpoints,
      checkpoints_refused: counts.checkpointsRefused,
    },
    violations: report.violations,
    not_tested: report.notTested,
    ...(report.keptIn === undefined ? {} : { kept_in: report.keptIn }),
  };
}

/** A report for a person: what was done, what was counted, and the verdict last. */
export function chaosText(report: ChaosReport): string {
  const { counts, disturbances: done, violations, notTested, keptIn, seed } = report;
  const rows: readonly (readonly [string, string])[] = [
    ["place", report.place],
    [
      "processes",
      `${report.processes}, killed ${done.kills} times, stopped ${done.pauses} times, wrong clock ${done.clockSteps} times`,
    ],
    [
      "network",
      `store cut off ${done.storeOutages} times, Statewave ${done.sinkOutages} times, ${done.sinkFaults} times faulty answers`,
    ],
    ["webhooks", `${counts.webhooksAcknowledged} of ${counts.webhooksSent} acknowledged`],
    ["pages", `${counts.pagesRead} read from sources`],
    ["stored", `${counts.stored} episodes, ${counts.deadLetters} dead letters`],
    [
      "leases",
      `${counts.leases}, ${counts.duesFinished} dues finished, ${counts.resumed} runs resumed after their process was gone`,
    ],
    ["checkpoints", `${counts.checkpoints}, ${counts.checkpointsRefused} refused because the lease was lost`],
  ];
  const lines = [
    ...notTested.map((sentence) => `note: ${sentence}`),
    ...violations.map(({ promise, found }) => `broken: ${promise}: ${found}`),
    ...(keptIn === undefined ? [] : [`kept: ${keptIn}`]),
    violations.length === 0
      ? `passed: each item once, no gap, no cursor going back (seed ${seed})`
      : `failed: ${counted(violations.length, "violation")}; repeat it with --seed ${seed}`,
  ];
  return `${formatTable(["WHAT", "COUNTED"], rows)}${lines.join("\n")}\n`;
}
