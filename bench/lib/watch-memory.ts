import { setTimeout as sleep } from "node:timers/promises";
import type { RunnerProcess } from "./runner-process.ts";

/** Resident memory in MiB: without work, and how much more there was at most since. */
export interface MemoryUse {
  readonly idleMebibytes: number;
  readonly overMebibytes: number;
}

/** Reads the memory of a process that has come to rest, then watches it until the answer is called. */
export async function watchMemory(runner: Pick<RunnerProcess, "rssMebibytes">): Promise<() => Promise<MemoryUse>> {
  await sleep(2_000);
  const idleMebibytes = await runner.rssMebibytes();
  let peakMebibytes = idleMebibytes;
  const sampling = new AbortController();
  const sampler = (async () => {
    while (!sampling.signal.aborted) {
      peakMebibytes = Math.max(peakMebibytes, await runner.rssMebibytes());
      await sleep(20);
    }
  })();
  return async () => {
    sampling.abort();
    await sampler;
    return { idleMebibytes, overMebibytes: peakMebibytes - idleMebibytes };
  };
}
