import { loadConfig } from "@statewave-connectors/config";
import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { SimulatedSample } from "@statewave-connectors/runner/tools";
import { counted } from "../../terminal/counted.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { episodeToJson } from "../../terminal/json-style.ts";
import { findingLines } from "../../terminal/print-findings.ts";
import type { CommandContext } from "../command-context.ts";
import { pullText } from "../connector/trial/pull-output.ts";
import { untilStopped } from "../../process/until-stopped.ts";

export interface SimulateOptions {
  readonly url?: string;
  readonly deliver?: boolean;
  readonly sample?: string;
  readonly json?: boolean;
}

/**
 * Sends the samples of a receiver, signed with its secret: in this process, or to a runner. Exit code 1 when one is refused, cannot be mapped or would be
 * refused by Statewave.
 */
export async function simulateDeliveries(
  context: CommandContext,
  source: SourceKey,
  options: SimulateOptions,
): Promise<ExitCode> {
  const { terminal, resolveFrom, logLevel = "error" } = context;
  const { config, connectors } = await loadConfig({ ...context.configOptions, resolveFrom });
  const { createLogger, simulate } = await import("@statewave-connectors/runner/tools");
  const logger = createLogger({ format: "text", level: logLevel });
  const url = options.url ?? (options.deliver === true ? `http://127.0.0.1:${config.runner.port}` : undefined);
  return untilStopped(terminal, async (signal) => {
    const parts = { config, connectors, logger, resolveFrom };
    const samples = await simulate(parts, { source, url, deliver: options.deliver, sample: options.sample }, signal);
    for (const sample of samples) terminal.stdout.write(options.json === true ? toJson(sample, source) : toText(sample, source));
    return samples.every(isWell) ? exitCode.ok : exitCode.failed;
  });
}

function isWell({ finding, mapped }: SimulatedSample): boolean {
  if (!finding.ok) return false;
  if (mapped === undefined) return true;
  return (
    mapped.error === undefined && mapped.failures.length === 0 && mapped.episodes.every(({ refusal }) => refusal === undefined)
  );
}

function toText({ name, finding, mapped }: SimulatedSample, source: SourceKey): string {
  const subject = `push ${formatSourceKey(source)} ${name}`;
  const lines = findingLines({ subject, findings: [finding] });
  if (mapped === undefined) return lines;
  const episodes = mapped.episodes.map(({ episode, refusal }) => pullText.episode(episode, refusal));
  const failures = mapped.failures.map(pullText.failedItem);
  const error =
    mapped.error === undefined
      ? ""
      : findingLines({ subject, findings: [{ ok: false, message: `it cannot be mapped: ${mapped.error}` }] });
  return `${lines}${episodes.join("")}${failures.join("")}${error}     ${counted(mapped.episodes.length, "episode")}; nothing was delivered or stored\n`;
}

function toJson(sample: SimulatedSample, source: SourceKey): string {
  const { name, id, finding, mapped } = sample;
  const { ok, message, hint } = finding;
  const becomes = mapped && {
    episodes: mapped.episodes.map(({ episode, refusal }) => ({ episode: episodeToJson(episode), refusal })),
    failures: mapped.failures,
    skipped: mapped.skipped,
    error: mapped.error,
  };
  return `${JSON.stringify({ source: formatSourceKey(source), sample: name, id, ok, message, hint, ...becomes })}\n`;
}
