import { systemClock } from "@statewave-connectors/connector-sdk/host";
import type { Clock } from "@statewave-connectors/connector-sdk";
import type { RunnerOptions } from "../runner.ts";
import type { EngineOptions } from "./engine-options.ts";

/** The options of a runner, checked, with everything that a default can be made for before the start. */
export interface RunnerConfiguration
  extends Omit<RunnerOptions, "connectors" | "logger">, Pick<EngineOptions, "connectors" | "logger" | "privacy"> {}

export function clockOf({ clock = systemClock }: RunnerConfiguration): Clock {
  return clock;
}

/** The path below which the runner is reached. */
export function basePathOf({ basePath, config }: RunnerConfiguration): string | undefined {
  return basePath ?? config.runner.basePath;
}

/** What ends with this process. What was passed in outlives the runner. */
export function lostWithProcess({ config, cursorStore, inbox }: RunnerConfiguration): {
  readonly cursors: boolean;
  readonly webhooks: boolean;
} {
  return {
    cursors: cursorStore === undefined && config.runner.state.livesIn === "process",
    webhooks: inbox === undefined && config.runner.inbox.livesIn === "process",
  };
}
