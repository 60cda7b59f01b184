/** Measures how long its own event loop is held, and does nothing else: idle-loop.ts <resolution in ms> */
import { monitorEventLoopDelay } from "node:perf_hooks";

const resolutionMs = Number(process.argv[2] ?? 10);
const delay = monitorEventLoopDelay({ resolution: resolutionMs });
delay.enable();
process.on("message", () => {
  process.send?.(Math.max(0, delay.max / 1e6 - resolutionMs));
  delay.reset();
});
process.send?.(0);
