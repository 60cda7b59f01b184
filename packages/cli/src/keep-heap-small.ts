import { setFlagsFromString } from "node:v8";

/**
 * Keeps V8's young generation at its first size for this process. Left alone it grows under any steady load and never
 * shrinks: memory for work that holds a few pages (`bench/github.ts` shows it). For programs only, hence not part of the runner: flags are the process's.
 */
export function keepHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
