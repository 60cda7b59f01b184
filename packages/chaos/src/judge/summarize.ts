import { type Disturbances, wasPaused } from "./check-journal.ts";
import { type JournaledLease, successorTimes } from "./journaled-leases.ts";

/** How much of what is promised was put to the test. */
export interface Summary {
  readonly text: string;
  readonly pauses: number;
  readonly deaths: number;
  readonly resumed: number;
  readonly leases: number;
  readonly finished: number;
  readonly checkpoints: number;
  readonly refused: number;
}

export function summarize(leases: readonly JournaledLease[], disturbances: Disturbances): Summary {
  const bySource = [...Map.groupBy(leases, ({ source }) => source).values()];
  const checkpoints = leases.flatMap((lease) => lease.checkpoints);
  const zombies = bySource.flatMap((own) => {
    const successors = successorTimes(own);
    return own.filter((lease, index) =>
      lease.actsMs.some((actMs) => actMs > successors[index]! && wasPaused(lease, actMs, disturbances)),
    );
  });
  const resumed = bySource.flatMap((own) => own.filter((_, index) => isLeftBehind(own[index - 1]))).length;
  const finished = leases.filter(({ release }) => release?.done === true && release.held === true).length;
  const refused = checkpoints.filter(({ held }) => held === false).length;
  const unanswered = checkpoints.filter(({ held }) => held === undefined).length;
  const { pauses, deaths, outages } = disturbances;
  const done = `${deaths.length} kills, ${pauses.length} pauses, ${outages.length} crashes of the store`;
  const seen = `${leases.length} leases, ${finished} dues finished, ${resumed} resumed, ${zombies.length} overlaps by woken owners`;
  const text = `${done}; ${seen}; of ${checkpoints.length} checkpoints ${refused} refused, ${unanswered} without an answer`;
  const counts = { resumed, leases: leases.length, finished, checkpoints: checkpoints.length, refused };
  return { text, pauses: pauses.length, deaths: deaths.length, ...counts };
}

/** Whether its owner never came to release it. */
function isLeftBehind(lease: JournaledLease | undefined): boolean {
  return lease !== undefined && lease.release?.held !== true;
}
