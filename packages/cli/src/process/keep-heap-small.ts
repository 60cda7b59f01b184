import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** By then the program is up: what its start left behind says nothing about what it needs. */
const startedMs = 1_000;
const youngBytes = 12 * 1024 * 1024;

/**
 * Sizes this process's heap for work that holds a few pages. Left alone, V8 lets garbage and the young generation grow under any steady load
 * and gives little back. Here old garbage is collected when it is seven tenths of what lives, and the young generation stops growing at about
 * 16 MiB, which it may reach once the start is over (`bench/github.ts` and `bench/webhooks.ts` show both). For programs only, hence not part of the runner: flags are the process's.
 */
export function keepHeapSmall(): void {
  setFlagsFromString("--heap-growing-percent=70");
  letYoungGenerationGrow(false);
  setTimeout(() => {
    letYoungGenerationGrow(true);
    let isGrowing = true;
    const observer = new PerformanceObserver(() => {
      // V8 shrinks it while the process is idle, to 1 MiB. There a page outlives every collection and becomes old garbage.
      const isSmall = youngGenerationBytes() < youngBytes;
      if (isSmall !== isGrowing) letYoungGenerationGrow(isSmall);
      isGrowing = isSmall;
    });
    observer.observe({ entryTypes: ["gc"] });
  }, startedMs).unref();
}

function letYoungGenerationGrow(allowed: boolean): void {
  setFlagsFromString(`--semi-space-growth-factor=${allowed ? 2 : 1}`);
}

function youngGenerationBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space")?.space_size ?? 0;
}
