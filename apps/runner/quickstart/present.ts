import { dirname, relative, resolve } from "node:path";
import type { BannerFacts, Presentation } from "@statewave-connectors/cli";
import { loadConfig } from "@statewave-connectors/config";
import { formatSourceKey, silentLogger } from "@statewave-connectors/connector-sdk/host";
import { checkEntries } from "@statewave-connectors/runner/tools";
import { quickstartBanner } from "./banner.ts";
import { quickstartVariables } from "./environment.ts";
import { describeCounts, describeDuration, readLastRun, writeLastRun } from "./last-run.ts";
import { Narrator } from "./narrator.ts";

/** Shows a run in about ten lines: the banner, what the last run did, what arrives, and what is wrong. */
export function presentQuickstart(configPath: string, resolveFrom: readonly string[]): Presentation {
  const stateDir = resolve(dirname(configPath), quickstartVariables(process.env).QUICKSTART_STATE_DIR);
  const lastRun = readLastRun(stateDir);
  const ahead = new AbortController();
  const narrator = new Narrator({
    nowMs: Date.now,
    say: (line) => void process.stdout.write(`${timeOfDay()}  ${line}\n`),
    complain: (line) => void process.stderr.write(`${timeOfDay()}  ${line}\n`),
    lastRun,
    onStopping: () => ahead.abort(),
    onStopped: (run) => {
      ahead.abort();
      writeLastRun(stateDir, run);
    },
  });
  const banner = ({ description: { sink, url } }: BannerFacts) => {
    void lookAhead(configPath, resolveFrom, narrator, ahead.signal);
    const last =
      lastRun === undefined
        ? ""
        : `${timeOfDay()}  last run, ${describeDuration(Date.now() - lastRun.stoppedAtMs)} ago: ${describeCounts(lastRun)}\n`;
    const { STATEWAVE_URL: statewave, GITHUB_REPO: repository } = process.env;
    return (
      quickstartBanner({ sink: shorten(sink), url, hasStatewave: Boolean(statewave), repository: repository || undefined }) + last
    );
  };
  return { logger: narrator.logger(), banner, hintFor: (code) => hints[code] };
}

/** Its user sets variables and edits no file. */
const hints: Readonly<Record<string, string>> = {
  RUNNER_PORT_IN_USE: "stop that process, or choose another port: PORT=3001 npm start",
  STORE_LOCKED: "another npm start is running, in another terminal perhaps: stop it there first",
};

/** A run reads the repository within a minute: until then a wrong token or name would not be reported. */
async function lookAhead(
  configPath: string,
  resolveFrom: readonly string[],
  narrator: Narrator,
  signal: AbortSignal,
): Promise<void> {
  try {
    const { config, connectors } = await loadConfig({ configPath, resolveFrom });
    const parts = { connectors, logger: silentLogger, resolveFrom };
    const repositories = { ...config, pull: config.pull.filter(({ kind }) => kind === "github"), push: [] };
    const checks = await checkEntries({ config: repositories, ...parts }, signal);
    if (signal.aborted) return;
    for (const { source, results } of checks) {
      // Of what is well, the first line is enough: doctor has the others.
      const failed = results.filter(({ ok }) => !ok);
      for (const result of failed.length > 0 ? failed : results.slice(0, 1))
        narrator.sourceChecked(formatSourceKey(source), result);
    }
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
