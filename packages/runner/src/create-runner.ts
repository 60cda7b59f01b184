import { toConnectorMap } from "@statewave-connectors/config/adapters";
import { checkRunnerOptions } from "./check-runner-options.ts";
import { ConfiguredRunner } from "./lifecycle/configured-runner.ts";
import { guardLogger } from "./logging/injected-logger.ts";
import { createLogger } from "./logging/logger.ts";
import { openPrivacy } from "./privacy/privacy.ts";
import type { Runner, RunnerOptions } from "./runner.ts";

/**
 * A runner of `config`. Nothing is opened before `start`. Throws `RUNNER_OPTIONS_INVALID` for options of the wrong shape.
 *
 * @example const runner = await createRunner(await loadConfig({ configPath: "./statewave-connectors.toml" }));
 */
export async function createRunner(options: RunnerOptions): Promise<Runner> {
  checkRunnerOptions(options);
  const { config, connectors, ...others } = options;
  const { logFormat: format, logLevel: level } = config.runner;
  const privacy = await openPrivacy(config);
  const logger = privacy.redactingLogger(
    options.logger === undefined ? createLogger({ format, level }) : guardLogger(options.logger),
  );
  return new ConfiguredRunner({
    ...others,
    config,
    logger,
    privacy,
    ...(connectors !== undefined && { connectors: toConnectorMap(connectors) }),
  });
}
