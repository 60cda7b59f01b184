import { setTimeout as sleep } from "node:timers/promises";
import type { RunnerProcess } from "./runner-process.ts";

/** Waits until the program has delivered all that it accepted. */
export async function untilInboxIsEmpty(runner: Pick<RunnerProcess, "metric">): Promise<void> {
  while ((await runner.metric("statewave_runner_inbox_depth")) > 0) await sleep(20);
}
