import { loadConfig } from "@statewave-connectors/config";
import { formatBanner } from "../banner.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { CommandContext } from "../program.ts";

const signalNumbers: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 2, SIGTERM: 15 };

/** The same request to stop can arrive twice: from the terminal or a process group, and passed on by npm or a wrapper. */
const sameRequestMs = 250;

const closingSlackMs = 500;

/** Runs until SIGINT or SIGTERM; a second signal ends the process at once. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { terminal, resolveFrom } = context;
  // Both at once: the runner's modules load while the configuration's connectors do.
  const [loaded, { createLogger, createRunner }] = await Promise.all([
    loadConfig({ ...context.configOptions, resolveFrom, requireEntries: true }),
    import("@statewave-connectors/runner"),
  ]);
  const { config, connectors } = loaded;
  const logger = createLogger({ format: config.runner.logFormat });
  const runner = await createRunner({ config, connectors, logger, resolveFrom });

  const stopped = Promise.withResolvers<void>();
  let stoppingSinceMs: number | undefined;
  // Never taken back: a copy of the request may still come when the runner has stopped, and must not end the process in another way.
  terminal.onSignal((signal) => {
    const nowMs = performance.now();
    if (stoppingSinceMs !== undefined) {
      if (nowMs - stoppingSinceMs > sameRequestMs) terminal.exit(128 + (signalNumbers[signal] ?? 0));
      return;
    }
    stoppingSinceMs = nowMs;
    logger.info("stopping", { signal, drain_timeout_ms: config.runner.drainTimeoutMs });
    // Also a start that is still under way is waited for and undone.
    runner.stop().then(stopped.resolve, stopped.reject);
    // Whatever hangs then, a disk that does not answer for instance, must not hold the process.
    setTimeout(() => terminal.exit(exitCode.failed), config.runner.drainTimeoutMs + closingSlackMs).unref();
  });
  await runner.start();
  if (stoppingSinceMs === undefined) {
    const banner = formatBanner({ configPath: loaded.path, foundBy: loaded.foundBy, description: runner.describe() });
    // With the stdout: sink, stdout belongs to the episodes.
    (config.statewave.url === "stdout:" ? terminal.stderr : terminal.stdout).write(banner);
  }
  await stopped.promise;
  return exitCode.ok;
}
