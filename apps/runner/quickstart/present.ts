import { dirname, relative, resolve } from "node:path";
import type { BannerFacts, Presentation } from "@statewave-connectors/cli";
import { loadConfig } from "@statewave-connectors/config";
import { silentLogger } from "@statewave-connectors/connector-sdk";
import { checkSink } from "@statewave-connectors/runner";
import { quickstartBanner } from "./banner.ts";
import { quickstartVariables } from "./environment.ts";
import { describeCounts, describeDuration, readLastRun, writeLastRun } from "./last-run.ts";
import { Narrator } from "./narrator.ts";

/** Shows a run in about ten lines: the banner, what the last run did, what arrives, and what is wrong. */
export function presentQuickstart(configPath: string, resolveFrom: readonly string[]): Presentation {
  const stateDir = resolve(dirname(configPath), quickstartVariables(process.env).QUICKSTART_STATE_DIR);
  const lastRun = readLastRun(stateDir);
  const narrator = new Narrator({
    nowMs: Date.now,
    say: (line) => void process.stdout.write(`${timeOfDay()}  ${line}\n`),
    complain: (line) => void process.stderr.write(`${timeOfDay()}  ${line}\n`),
    lastRun,
    onStopped: (run) => writeLastRun(stateDir, run),
  });
  const banner = ({ description: { sink, url } }: BannerFacts) => {
    void lookAtSink(configPath, resolveFrom, narrator);
    const last =
      lastRun === undefined
        ? ""
        : `${timeOfDay()}  last run, ${describeDuration(Date.now() - lastRun.stoppedAtMs)} ago: ${describeCounts(lastRun)}\n`;
    return quickstartBanner({ sink: shorten(sink), url }) + last;
  };
  return { logger: narrator.logger(), banner };
}

/** A run calls its sink with the first episode only, so without news a wrong key would not be reported. */
async function lookAtSink(configPath: string, resolveFrom: readonly string[], narrator: Narrator): Promise<void> {
  try {
    const { config, connectors } = await loadConfig({ configPath, resolveFrom });
    const { ok, message, hint } = await checkSink(
      { config, connectors, logger: silentLogger, resolveFrom },
      new AbortController().signal,
    );
    if (!ok) narrator.sinkFailed(message, hint);
  } catch {
    // The run itself reports what is wrong with its configuration.
  }
}

/** A path below the working directory, relative to it. */
function shorten(sink: string): string {
  const path = sink.startsWith("file ") ? relative(process.cwd(), sink.slice("file ".length)) : "";
  return path === "" || path.startsWith("..") ? sink : path;
}

function timeOfDay(): string {
  return new Date().toTimeString().slice(0, 8);
}
