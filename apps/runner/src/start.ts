import { enableCompileCache } from "node:module";
import { holdSignals } from "@statewave-connectors/cli/hold-signals";
import { runHealthcheck } from "@statewave-connectors/cli/run-healthcheck";
import { compileCacheFolder } from "./compile-cache-folder.ts";

const args = process.argv.slice(2);
const takeHeldSignals = holdSignals(args);
// Only this user may read the files that this program and its parts create.
process.umask(0o077);

// Compiled code is kept between starts, so that the next one is ready sooner.
const cacheFolder = compileCacheFolder(process.env, process.getuid?.());
if (cacheFolder !== undefined) enableCompileCache(cacheFolder);

const healthCode = await runHealthcheck(args, process.env);
process.exitCode = healthCode ?? (await runProgram());

async function runProgram(): Promise<number> {
  const { keepHeapSmall, runCli, surviveLostOutput, terminalHolding } = await import("@statewave-connectors/cli");
  const { packageVersion } = await import("@statewave-connectors/connector-sdk/host");
  surviveLostOutput();
  keepHeapSmall();
  return runCli({
    args,
    version: packageVersion(import.meta.url),
    terminal: terminalHolding(takeHeldSignals),
    // Where the adapters that this package depends on are found.
    resolveFrom: [import.meta.url],
  });
}
