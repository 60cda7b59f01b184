/** Where a wrapped adapter can end its process. */
export type CrashPoint =
  | "before-accept"
  | "after-accept"
  | "claimed"
  | "mapping"
  | "before-settle"
  | "before-bury"
  | "after-bury"
  | "after-acquire"
  | "before-checkpoint"
  | "after-checkpoint"
  | "before-release"
  | "after-release";

/** `<point>:<hit>`: where, and at which time of coming by. */
export const crashVariable = "E2E_CRASH_AT";

const [chosenPoint, chosenHit] = (process.env[crashVariable] ?? "").split(":");
let hits = 0;

/** Ends this process as `kill -9` does, when the environment names this point and it is passed for the chosen time. */
export function crashAt(point: CrashPoint): void {
  if (point !== chosenPoint) return;
  hits += 1;
  if (hits === Number(chosenHit)) process.kill(process.pid, "SIGKILL");
}
