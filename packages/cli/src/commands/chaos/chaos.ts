import { randomInt } from "node:crypto";
import type * as Chaos from "@statewave-connectors/chaos";
import { loadConfig } from "@statewave-connectors/config";
import { loadOptionalPackage } from "@statewave-connectors/config/adapters";
import { chaosJson, chaosText } from "./chaos-output.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import type { CommandContext } from "../command-context.ts";
import { untilStopped } from "../../process/until-stopped.ts";

export interface ChaosOptions {
  readonly seed?: number;
  readonly minutes: number;
  readonly keep?: boolean;
  readonly json?: boolean;
}

const msPerMinute = 60_000;
/** A seed that is easy to write down. */
const seeds = 1_000_000;

/** Tests the guarantees on the configured state. Exit code 1 when one did not hold. */
export async function chaos(context: CommandContext, options: ChaosOptions): Promise<ExitCode> {
  const { resolveFrom, terminal } = context;
  const { seed = randomInt(seeds), minutes, keep = false, json = false } = options;
  const { config } = await loadConfig({ ...context.configOptions, resolveFrom });
  const from = [...resolveFrom, import.meta.url];
  const companion = (await loadOptionalPackage("@statewave-connectors/chaos", { purpose: "`chaos`", from })) as typeof Chaos;
  const startedMs = performance.now();
  const onProgress = (text: string) => terminal.stderr.write(`${clock(performance.now() - startedMs)}  ${text}\n`);
  return untilStopped(
    terminal,
    async (signal) => {
      const request = { config, resolveFrom, seed, durationMs: minutes * msPerMinute, keep, onProgress };
      const report = await companion.runChaos(request, signal);
      terminal.stdout.write(json ? `${JSON.stringify(chaosJson(report))}\n` : chaosText(report));
      return report.passed ? exitCode.ok : exitCode.failed;
    },
    cleanUpMs,
  );
}

/** Processes are ended and the state is removed after Ctrl-C, too. */
const cleanUpMs = 30_000;

/** Minutes and seconds since the start. */
function clock(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return `${String(Math.floor(seconds / 60)).padStart(3)}:${String(seconds % 60).padStart(2, "0")}`;
}
