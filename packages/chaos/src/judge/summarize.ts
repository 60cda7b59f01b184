import { type Disturbances, successorAtMs, wasPaused } from "./check-journal.ts";
import { type JournaledLease, toLeases } from "./journaled-leases.ts";
import type { JournalLine } from "../witness/journal.ts";

/** How much of what is promised was put to the test. */
export interface Summary {
  readonly text: string;
  readonly pauses: number;
  readonly deaths: number;
  readonly takenOver: number;
  readonly leases: number;
  readonly finished: number;
  readonly checkpoints: number;
  readonly refused: number;
}

export function summarize(lines: readonly JournalLine[], disturbances: Disturbances): Summary {
  const bySource = [...Map.groupBy(toLeases(lines), ({ source }) => source).values()];
  const leases = bySource.flat();
  const checkpoints = leases.flatMap((lease) => lease.checkpoints);
  const zombies = bySource.flatMap((own) =>
    own.filter((lease, index) =>
      lease.actsMs.some((actMs) => actMs > successorAtMs(own, index) && wasPaused(lease, actMs, disturbances)),
    ),
  );
  const takenOver = bySource.flatMap((own) => own.filter((_, index) => isLeftBehind(own[index - 1]))).length;
  const finished = leases.filter(({ release }) => release?.done === true && release.held === true).length;
  const refused = checkpoints.filter(({ held }) => held === false).length;
  const unanswered = checkpoints.filter(({ held }) => held === undefined).length;
  const { pauses, deaths, outages } = disturbances;
  const done = `${deaths.length} kills, ${pauses.length} pauses, ${outages.length} crashes of the store`;
  const seen = `${leases.length} leases, ${finished} dues finished, ${takenOver} taken over, ${zombies.length} overlaps by woken owners`;
  const text = `${done}; ${seen}; of ${checkpoints.length} checkpoints ${refused} refused, ${unanswered} without an answer`;
  const counts = { takenOver, leases: leases.length, finished, checkpoints: checkpoints.length, refused };
  return { text, pauses: pauses.length, deaths: deaths.length, ...counts };
}

/** Whether its owner never came to release it. */
function isLeftBehind(lease: JournaledLease | undefined): boolean {
  return lease !== undefined && lease.release?.held !== true;
}
