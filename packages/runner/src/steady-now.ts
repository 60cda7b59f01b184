import type { Clock } from "@statewave-connectors/connector-sdk";

/** A time to measure durations by: setting the clock does not change it. Of a clock that cannot tell, the time of day. */
export function steadyNow(clock: Clock): number {
  return clock.elapsed?.() ?? clock.now();
}
