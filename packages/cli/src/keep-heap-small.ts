import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** By then the program is up: what its start left behind says nothing about what it needs. */
const startedMs = 1_000;
const youngBytes = 12 * 1024 * 1024;

/**
 * Sizes this process's heap for work that holds a few pages. V8 lets garbage grow to several times of what lives, and its young generation
 * to three times what a steady load of webhooks needs, and gives neither back. Here old garbage is collected when it is as much as what
 * lives, and the young generation grows to 16 MiB and no further, once the start is over (`bench/github.ts` and `bench/webhooks.ts`
 * show both). For programs only, hence not part of the runner: flags are the process's.
 */
export function keepHeapSmall(): void {
  setFlagsFromString("--heap-growing-percent=100");
  letYoungGenerationGrow(false);
  setTimeout(() => {
    letYoungGenerationGrow(true);
    const observer = new PerformanceObserver(() => {
      if (youngGenerationBytes() < youngBytes) return;
      letYoungGenerationGrow(false);
      observer.disconnect();
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
